import { inspect } from 'node:util';
import { createAgentIdentityRecord, readAgentIdentity } from 'agent-identity-registry';
import { fixedAgent, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { agentKey, record } from './support/fixed-agent.js';

const account = {
  accountId: 'account-1',
  chatgptUserId: 'user-1',
  email: 'someone@example.test',
  planType: 'pro',
  isFedramp: false,
};

describe('createAgentIdentityRecord', () => {
  it('creates the record that auth.json stores', () => {
    const created = createAgentIdentityRecord({ agentRuntimeId: 'agent-123', agentKey, account });
    expect(created).toEqual(record);
    expect(Object.keys(created)).toEqual(Object.keys(record));
    expect(readAgentIdentity(created).agentKey.publicKey.ssh).toBe(agentKey.publicKey.ssh);
  });

  it.each([undefined, null, ''])('writes a missing email as an empty string: %j', (email) => {
    const created = createAgentIdentityRecord({
      agentRuntimeId: 'agent-123',
      agentKey,
      account: { ...account, email },
    });
    expect(created.email).toBe('');
  });

  it('hides the key from inspect', () => {
    const created = createAgentIdentityRecord({ agentRuntimeId: 'agent-123', agentKey, account });
    expect(inspect(created)).not.toContain(fixedAgent.pkcs8);
  });

  it.each([
    ['invalid_argument', 'agentKey', { agentKey: fixedAgent.pkcs8 }],
    ['invalid_argument', 'account', { account: undefined }],
    ['invalid_argument', 'planType', { account: { ...account, plantype: 'pro' } }],
    ['invalid_argument', 'agentRuntimeId', { agentRuntimeid: 'agent-123' }],
    ['invalid_agent_identity_record', 'agent_runtime_id', { agentRuntimeId: ' ' }],
    ['invalid_agent_identity_record', 'chatgpt_user_id', { account: { ...account, chatgptUserId: 7 } }],
  ])('refuses with %s and names %s', (code, name, wrong) => {
    const options = { agentRuntimeId: 'agent-123', agentKey, account, ...wrong };
    const error = thrownBy(() => createAgentIdentityRecord(options as never));
    expect(error.code).toBe(code);
    expect(error.message).toContain(name);
    expect(error.message).not.toContain(fixedAgent.pkcs8);
  });
});
