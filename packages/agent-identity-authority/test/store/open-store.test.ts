import { inspect } from 'node:util';
import { openStore } from 'agent-identity-authority';
import { expect, it } from 'vitest';

it('opens a store in memory for "memory:", an empty one each time', async () => {
  const one = await openStore('memory:');
  const other = await openStore('memory:');
  await one.addAgentRuntime({
    agentRuntimeId: 'agent-1',
    publicKeySsh: 'ssh-ed25519 AAAA',
    accountId: 'account-1',
    chatgptUserId: 'user-1',
    abom: null,
    capabilities: [],
    createdAt: 0,
    expiresAt: null,
    revokedAt: null,
  });
  expect(await one.findAgentRuntime('agent-1')).toBeDefined();
  expect(await other.findAgentRuntime('agent-1')).toBeUndefined();
});

it.each(['', 'memory', 'pglite:./data', 'postgres://authority:hunter2@db/agents'])(
  'refuses "%s", says what is supported, and shows no password',
  async (url) => {
    const error = await openStore(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'unsupported_store_url',
      message: expect.stringContaining('"memory:"'),
    });
    expect(inspect(error)).not.toContain('hunter2');
  },
);
