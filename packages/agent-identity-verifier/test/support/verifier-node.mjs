// A node of a service that accepts the second generation, with a replay store that its nodes share. Prints its origin.
// Arguments: 'redis' or 'postgres', the URL of the server, the SSH line of the key of the instance rai-1.
import { createServer } from 'node:http';
import { readSshPublicKey } from 'agent-identity-core';
import { createAssertionVerifier, memoryDirectory } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/node';
import { postgresReplayStore } from 'agent-identity-verifier/postgres-replay-store';
import { redisReplayStore } from 'agent-identity-verifier/redis-replay-store';
import { Pool } from 'pg';
import { createClient } from 'redis';

const [, , kind, url, publicKeySsh] = process.argv;

async function openReplayStore() {
  const timeoutSeconds = 60;
  if (kind === 'redis') {
    return redisReplayStore({ client: await createClient({ url }).connect(), timeoutSeconds });
  }
  const store = postgresReplayStore({ pool: new Pool({ connectionString: url }), timeoutSeconds });
  await store.createTable();
  return store;
}

const directory = memoryDirectory();
directory.putRuntimeAgentInstance({
  runtimeAgentInstanceId: 'rai-1',
  agentHostId: 'host-1',
  publicKey: readSshPublicKey(publicKeySsh),
  actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
});
const verifier = createAssertionVerifier({
  directory,
  generations: [1, 2],
  instanceWindow: { maxAgeSeconds: 600 },
  replayStore: await openReplayStore(),
});
const server = createServer(requireAgent(verifier, (_request, response) => response.end('accepted')));
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
// Ends with the test that started it.
process.stdin.resume().once('end', () => process.exit());
