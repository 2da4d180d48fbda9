import { openStore } from 'agent-identity-authority';
import { verifyAuditLog } from 'agent-identity-authority-core';
import { type PostgresServer, startPostgresServer } from 'test-support/postgres';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { startLoad } from '../support/start-load.js';
import { accessToken, masterKey, startNode } from '../support/start-node.js';

let primary: PostgresServer;
beforeAll(async () => {
  // The default configuration, with every commit on disk.
  primary = await startPostgresServer([]);
  return () => primary.stop();
});

it('two nodes go on at a promoted standby, and nothing that was acknowledged is lost', async () => {
  const primaryUrl = await primary.newDatabase();
  const standby = await primary.startStandby();
  onTestFinished(() => standby.stop());
  const standbyUrl = standby.urlOf(primaryUrl);
  const hosts = [primaryUrl, standbyUrl].map((url) => new URL(url).host).join(',');
  const storeUrl = primaryUrl.replace(new URL(primaryUrl).host, hosts);
  const nodes = await Promise.all([startNode(storeUrl), startNode(storeUrl)]);
  const load = startLoad({ nodes, clients: 8, accessToken });
  await load.more(100);

  const before = load.acknowledged.length;
  const killedAt = performance.now();
  await primary.crash();
  await load.answers(503, [0, 1]);
  await standby.promote();
  const promotedAt = performance.now();
  await load.answers(200, [0, 1]);
  const recoveredAt = performance.now();
  await load.more(100);
  await load.stop();

  const count = (status: number) => load.refusals.get(status) ?? 0;
  process.stdout.write(
    `${before} agents before the primary was killed, ${load.acknowledged.length - before} after. ` +
      `Promoted after ${(promotedAt - killedAt).toFixed(0)} ms; both nodes answered with 200 ` +
      `${(recoveredAt - promotedAt).toFixed(0)} ms later. ${count(503)} answers with 503, none with another status.\n`,
  );
  expect([...load.refusals.keys()].filter((status) => status !== 503)).toEqual([]);
  for (const { child } of nodes) expect(child.exitCode).toBeNull();
  const store = await openStore(storeUrl, { masterKey });
  try {
    for (const { agentRuntimeId, taskId, agentKey } of load.acknowledged) {
      expect(await store.findAgentRuntime(agentRuntimeId)).toMatchObject({
        publicKeySsh: agentKey.publicKey.ssh,
      });
      expect(await store.findAgentTask(agentRuntimeId, taskId)).toMatchObject({ revokedAt: null });
    }
    expect(await verifyAuditLog(store)).toMatchObject({ intact: true });
  } finally {
    await store.close();
  }
  for (const { child, ended } of nodes) {
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
}, 280_000);
