import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createInstanceAssertion, generateAgentKey } from 'agent-identity-core';
import { startPostgresServer } from 'test-support/postgres';
import { startRedisServer } from 'test-support/redis';
import { describe, expect, it, onTestFinished } from 'vitest';

const agentKey = generateAgentKey();
const repeats = 1000;

/** Starts a node in a process of its own; returns its origin. */
async function startNode(kind: string, url: string): Promise<string> {
  const script = fileURLToPath(new URL('../support/verifier-node.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, kind, url, agentKey.publicKey.ssh], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.stdin.end();
    await ended;
  });
  const [line] = await once(child.stdout, 'data');
  return String(line).trim();
}

function send(origin: string, agent: Agent, authorization: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, 'chatgpt-account-id': 'account-1' };
    request(origin, { agent, headers }, async (response) => {
      const body = await text(response);
      resolve(response.statusCode === 200 ? body : JSON.parse(body).error.code);
    })
      .on('error', reject)
      .end();
  });
}

const databases: Readonly<Record<string, () => Promise<{ url: string; stop(): Promise<void> }>>> = {
  redis: startRedisServer,
  async postgres() {
    const server = await startPostgresServer();
    return { url: await server.newDatabase(), stop: () => server.stop() };
  },
};

describe.each(Object.entries(databases))('three nodes that share %s', (kind, start) => {
  it('accept exactly one of 1,000 concurrent repeats of one assertion, ten times', async () => {
    const { url, stop } = await start();
    onTestFinished(stop);
    const origins = await Promise.all([1, 2, 3].map(() => startNode(kind, url)));
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    onTestFinished(() => agent.destroy());
    for (let round = 0; round < 10; round += 1) {
      const assertion = createInstanceAssertion({ agentKey, runtimeAgentInstanceId: 'rai-1' });
      const outcomes = await Promise.all(
        Array.from({ length: repeats }, (_, i) =>
          send(origins[i % 3] ?? '', agent, `AgentAssertion ${assertion}`),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'instance_assertion_replayed')).toHaveLength(
        repeats - 1,
      );
    }
  });
});
