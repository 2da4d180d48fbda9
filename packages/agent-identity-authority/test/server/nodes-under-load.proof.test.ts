import { openStore } from 'agent-identity-authority';
import { verifyAuditLog } from 'agent-identity-authority-core';
import { createAssertionSigner } from 'agent-identity-core';
import { type PostgresServer, startPostgresServer } from 'test-support/postgres';
import { beforeAll, expect, it, vi } from 'vitest';
import type { ServeProcess } from '../support/run-program.js';
import { startLoad } from '../support/start-load.js';
import { accessToken, masterKey, startNode } from '../support/start-node.js';

const administratorsToken = 'a-token-of-administrators-that-is-long';
const verifiersToken = 'a-token-of-verifiers-that-is-long-too';

let server: PostgresServer;
beforeAll(async () => {
  // The default configuration, with every commit on disk.
  server = await startPostgresServer([]);
  return () => server.stop();
});

const startLookedUpNode = (storeUrl: string) =>
  startNode(storeUrl, {
    AIA_ADMINISTRATORS_TOKEN: administratorsToken,
    AIA_VERIFIERS_TOKEN: verifiersToken,
  });

it('three nodes on one server lose nothing acknowledged while nodes and the server are killed, restarted and paused', async () => {
  const storeUrl = await server.newDatabase();
  const nodes = await Promise.all([
    startLookedUpNode(storeUrl),
    startLookedUpNode(storeUrl),
    startLookedUpNode(storeUrl),
  ]);
  const load = startLoad({ nodes, clients: 9, accessToken });
  await load.more(60);

  // A node is killed and replaced.
  nodes[0]?.child.kill('SIGKILL');
  await load.answers('no answer', [0]);
  await load.more(60);
  nodes[0] = await startLookedUpNode(storeUrl);
  await load.answers(200, [0]);

  // The server crashes and is restarted.
  await server.crash();
  await load.answers(503, [0, 1, 2]);
  await server.start();
  await load.answers(200, [0, 1, 2]);
  await load.more(60);

  // The server is paused for a while.
  await server.pause();
  await load.answers(503, [0, 1, 2]);
  await load.answers(503, [0, 1, 2]);
  await server.resume();
  await load.answers(200, [0, 1, 2]);
  await load.more(60);

  // A node is paused for a while, maybe in the middle of a transaction.
  nodes[1]?.child.kill('SIGSTOP');
  await load.more(60);
  nodes[1]?.child.kill('SIGCONT');
  await load.answers(200, [1]);
  await load.stop();

  expect([...load.refusals.keys()].filter((status) => status !== 503 && status !== 'no answer')).toEqual([]);
  for (const { child } of nodes.slice(1)) expect(child.exitCode).toBeNull();
  await expectKept(storeUrl, load.acknowledged);
  await expectRevocationIsSeen(nodes, load.acknowledged);
  for (const { child, ended } of nodes) {
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  }
}, 280_000);

async function expectKept(storeUrl: string, acknowledged: Acknowledged): Promise<void> {
  const store = await openStore(storeUrl, { masterKey });
  try {
    for (const { agentRuntimeId, taskId, agentKey } of acknowledged) {
      expect(await store.findAgentRuntime(agentRuntimeId)).toMatchObject({
        publicKeySsh: agentKey.publicKey.ssh,
      });
      expect(await store.findAgentTask(agentRuntimeId, taskId)).toMatchObject({ revokedAt: null });
    }
    const { intact, entries } = await verifyAuditLog(store);
    expect(intact).toBe(true);
    // A runtime and a task each; more if a response was lost.
    expect(entries).toBeGreaterThanOrEqual(2 * acknowledged.length);
  } finally {
    await store.close();
  }
}

type Acknowledged = ReturnType<typeof startLoad>['acknowledged'];

/** The other nodes refuse what one node revokes. */
async function expectRevocationIsSeen(nodes: readonly ServeProcess[], [agent]: Acknowledged): Promise<void> {
  const { agentRuntimeId } = agent ?? expect.fail();
  const assertion = createAssertionSigner(agent ?? expect.fail()).authorizationHeader();
  const verdicts = () =>
    Promise.all(
      nodes.map(async ({ url }) => {
        const answer = await send(`${url}/v1/directory/introspect`, verifiersToken, {
          assertion,
          account_id: 'account-1',
        });
        return (await answer.json()) as { active: boolean; refusal?: { code: string } };
      }),
    );
  expect(await verdicts()).toMatchObject([{ active: true }, { active: true }, { active: true }]);
  const revoked = await send(
    `${nodes[0]?.url}/v1/admin/agents/${agentRuntimeId}/revoke`,
    administratorsToken,
    {},
  );
  expect(revoked.status).toBeLessThan(300);
  await vi.waitFor(async () => {
    for (const { active } of await verdicts()) expect(active).toBe(false);
  });
}

function send(url: string, token: string, body: unknown): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
