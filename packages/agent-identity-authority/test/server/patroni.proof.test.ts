import { openStore } from 'agent-identity-authority';
import { verifyAuditLog } from 'agent-identity-authority-core';
import { type PatroniCluster, startPatroniCluster } from 'test-support/patroni';
import { beforeAll, expect, it, vi } from 'vitest';
import { startLoad } from '../support/start-load.js';
import { accessToken, masterKey, startNode } from '../support/start-node.js';

let cluster: PatroniCluster;
beforeAll(async () => {
  cluster = await startPatroniCluster();
  return () => cluster.stop();
}, 200_000);

it('nodes go on through a lost leader, its return and a switchover, and lose nothing that was acknowledged', async () => {
  // One node by HAProxy, one that knows all servers.
  const nodes = [await startNode(cluster.proxyUrl), await startNode(cluster.serversUrl)];
  const load = startLoad({ nodes, clients: 8, accessToken });
  await load.more(100);

  const killedAt = performance.now();
  const lost = await cluster.killLeader();
  await load.answers(503, [0, 1]);
  await load.answers(200, [0, 1]);
  const recoveredAt = performance.now();
  await load.more(100);

  await cluster.start(lost);
  await vi.waitUntil(async () => (await cluster.members()).length === 3, { timeout: 60_000, interval: 500 });
  const switchedAt = performance.now();
  await cluster.switchover();
  await load.answers(200, [0, 1]);
  const answeredAt = performance.now();
  await load.more(100);
  await load.stop();

  const count = (status: number) => load.refusals.get(status) ?? 0;
  process.stdout.write(
    `${load.acknowledged.length} agents. Both nodes answered with 200 ${(recoveredAt - killedAt).toFixed(0)} ms after the leader was ` +
      `killed, and ${(answeredAt - switchedAt).toFixed(0)} ms after a switchover was asked for. ${count(503)} answers with 503, none with another status.\n`,
  );
  expect([...load.refusals.keys()].filter((status) => status !== 503)).toEqual([]);
  for (const { child } of nodes) expect(child.exitCode).toBeNull();
  const store = await openStore(cluster.proxyUrl, { masterKey });
  try {
    for (const { agentRuntimeId, taskId, agentKey } of load.acknowledged) {
      const publicKeySsh = agentKey.publicKey.ssh;
      expect(await store.findAgentRuntime(agentRuntimeId)).toMatchObject({ publicKeySsh });
      expect(await store.findAgentTask(agentRuntimeId, taskId)).toMatchObject({ revokedAt: null });
    }
    expect(await verifyAuditLog(store)).toMatchObject({ intact: true });
  } finally {
    await store.close();
  }
}, 280_000);
