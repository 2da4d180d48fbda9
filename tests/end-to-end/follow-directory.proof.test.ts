import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { createAuthority, openStore, principalTokens, staticTokens } from 'agent-identity-authority';
import { type AssertionSigner, createAssertionSigner, generateAgentKey } from 'agent-identity-core';
import { createAssertionVerifier, type VerifiedAgentRuntime } from 'agent-identity-verifier';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';
import { listenOnLoopback, someRuntime, someTaskOf } from 'test-support';
import { type PostgresServer, startPostgresServer } from 'test-support/postgres';
import { beforeAll, expect, it, onTestFinished } from 'vitest';

const verifierToken = 'token-of-a-service-that-verifies-requests';
const accountId = 'account-1';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgresServer();
  return () => postgres.stop();
});

/** Two authorities on one database, the first of which counts what a verifier that follows it requests. */
async function startAuthorities() {
  const url = await postgres.newDatabase();
  const masterKey = Buffer.alloc(32, 7);
  const stores = [await openStore(url, { masterKey }), await openStore(url, { masterKey })];
  const [followed, other] = await Promise.all(
    stores.map((store) =>
      createAuthority({
        store,
        authenticator: staticTokens([]),
        verifiers: principalTokens([{ token: verifierToken, name: 'models' }]),
        lookupCacheSeconds: 2,
        // What is not followed is asked for at each verification.
        directoryMaxAgeSeconds: 0,
      }),
    ),
  );
  const [store] = stores;
  if (followed === undefined || other === undefined || store === undefined)
    throw new Error('two were started');
  const requests: string[] = [];
  const listener = getRequestListener((request) => followed.fetch(request));
  const server = createServer((request, response) => {
    requests.push(`${request.url}`);
    return listener(request, response);
  });
  const baseUrl = await listenOnLoopback(server);
  const directory = remoteDirectory({
    baseUrl,
    accessToken: verifierToken,
    follow: true,
    timeoutSeconds: 30,
  });
  onTestFinished(async () => {
    directory.close();
    await Promise.all([followed.close(), other.close()]);
    await Promise.all(stores.map((store) => store.close()));
  });
  return { store, other, requests, directory };
}

type Store = Awaited<ReturnType<typeof openStore>>;

/** Adds agents with one task each, 50 at a time: a store answers within its time limit only what it can write meanwhile. */
async function addAgents(store: Store, count: number) {
  const signers: AssertionSigner[] = [];
  while (signers.length < count) {
    signers.push(...(await Promise.all(Array.from({ length: 50 }, () => addAgent(store)))));
  }
  return signers;
}

async function addAgent(store: Store): Promise<AssertionSigner> {
  const agentKey = generateAgentKey();
  const publicKeySsh = agentKey.publicKey.ssh;
  const runtime = { ...someRuntime(), publicKeySsh, accountId, expiresAt: null };
  const task = someTaskOf(runtime);
  await store.addAgentRuntime(runtime);
  await store.addAgentTask(task);
  const { agentRuntimeId } = runtime;
  return createAssertionSigner({ agentKey, agentRuntimeId, taskId: task.taskId });
}

it('a verifier of 1,000 agents sends the first look-ups and nothing else, and learns of each revocation', async () => {
  const { store, other, requests, directory } = await startAuthorities();
  const signers = await addAgents(store, 1000);
  const verifier = createAssertionVerifier({ directory, maxCachedAssertions: 2000 });
  const verifyAll = async () => {
    const agents: VerifiedAgentRuntime[] = [];
    while (agents.length < signers.length) {
      const some = signers.slice(agents.length, agents.length + 50);
      const verify = (signer: AssertionSigner) =>
        verifier.verify(signer.authorizationHeader(), { accountId });
      agents.push(...(await Promise.all(some.map(verify))));
      // The authority is in the same process, and must be able to say its position.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return agents;
  };

  // The first look-up starts the stream; what is looked up before it is there is looked up once more.
  let first = -1;
  while (first !== requests.length) {
    first = requests.length;
    await verifyAll();
  }
  expect(first).toBeLessThan(2 * 2000 + 10);
  for (let i = 0; i < 50; i += 1) await verifyAll();
  const later = requests.slice(first);
  expect(later.filter((path) => path.startsWith('/v1/directory/agents/'))).toEqual([]);
  expect(requests.filter((path) => path.startsWith('/v1/directory/changes'))).toHaveLength(1);

  // By another node than the one that is followed.
  const milliseconds: number[] = [];
  for (const agent of (await verifyAll()).slice(0, 50)) {
    const ended = verifier.watch(agent);
    const ends = new Promise((resolve) => ended.addEventListener('abort', resolve));
    await other.revokeAgentRuntime(agent.agentRuntimeId);
    const revokedAt = performance.now();
    await ends;
    milliseconds.push(performance.now() - revokedAt);
  }
  milliseconds.sort((a, b) => a - b);
  process.stdout.write(
    `50,000 verifications after the first: ${later.length} requests. A revocation ends a connection after ` +
      `${milliseconds[25]?.toFixed(0)} ms (median), ${milliseconds[49]?.toFixed(0)} ms (longest of 50)\n`,
  );
  expect(milliseconds.at(-1)).toBeLessThan(5000);
}, 280_000);
