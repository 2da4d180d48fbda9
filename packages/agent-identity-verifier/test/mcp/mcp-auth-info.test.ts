import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js';
import type { VerifiedAgent } from 'agent-identity-verifier';
import { mcpAuthInfo } from 'agent-identity-verifier/mcp';
import { describe, expect, expectTypeOf, it } from 'vitest';

const runtime: VerifiedAgent = {
  generation: 1,
  agentRuntimeId: 'agent-1',
  taskId: 'task-1',
  accountId: 'account-1',
  capabilities: ['notes:read'],
  labels: {},
  lineage: [],
  signedAt: '2026-04-23T00:00:00Z',
};
const instance: VerifiedAgent = {
  generation: 2,
  runtimeAgentInstanceId: 'rai-1',
  agentHostId: 'host-1',
  actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
  accountId: 'account-1',
  capabilities: [],
  signedAt: '2026-04-23T00:00:00Z',
  assertionId: 'id',
};
const signedAt = Date.parse('2026-04-23T00:00:00Z') / 1000;

describe('mcpAuthInfo', () => {
  it('is the AuthInfo of the SDK', () => {
    expectTypeOf(mcpAuthInfo(runtime)).toExtend<AuthInfo>();
    expect(mcpAuthInfo(runtime)).toEqual({
      token: '',
      clientId: 'agent-1',
      scopes: ['notes:read'],
      expiresAt: signedAt + 300,
      extra: { agent: runtime },
    });
  });

  it('names an instance of the second generation, and has the scopes that the server gives', () => {
    expect(mcpAuthInfo(instance).scopes).toEqual([]);
    expect(mcpAuthInfo(instance, { scopes: ['notes:read'], maxAgeSeconds: 60 })).toMatchObject({
      clientId: 'rai-1',
      scopes: ['notes:read'],
      expiresAt: signedAt + 60,
    });
  });

  it.each([
    [undefined, {}],
    [runtime, { scope: [] }],
    [runtime, { scopes: 'notes:read' }],
    [runtime, { maxAgeSeconds: 1.5 }],
  ])('refuses %j, %j', (agent, options) => {
    expect(() => mcpAuthInfo(agent as never, options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });
});
