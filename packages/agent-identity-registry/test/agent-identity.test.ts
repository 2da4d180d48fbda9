import { type AgentIdentity, readAgentIdentity, registerRunTask } from 'agent-identity-registry';
import { fixedAgent, printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { agentKey, record } from './support/fixed-agent.js';

describe('readAgentIdentity', () => {
  it('returns the runtime, the key and the stored task of a record', () => {
    const identity = readAgentIdentity({ ...record, task_id: ' stored ' });
    expect(identity.agentRuntimeId).toBe('agent-123');
    expect(identity.agentKey.publicKey.ssh).toBe(agentKey.publicKey.ssh);
    expect(identity.storedTaskId).toBe(' stored ');
    expect(identity.record).toEqual({ ...record, task_id: ' stored ' });
  });

  it.each([undefined, '', ' ', '\t\n'])('reads a blank task id as none: %j', (task_id) => {
    expect(readAgentIdentity({ ...record, task_id }).storedTaskId).toBeUndefined();
  });

  it('copies and freezes the record', () => {
    const given = { ...record };
    const identity = readAgentIdentity(given);
    given.account_id = 'changed';
    expect(identity.record.account_id).toBe('account-1');
    expect(Object.isFrozen(identity)).toBe(true);
    expect(Object.isFrozen(identity.record)).toBe(true);
  });

  it('returns an object that prints everything but the key', () => {
    const identity = readAgentIdentity({ ...record, task_id: 'stored' });
    expect(printedForms(identity)).not.toContain(fixedAgent.pkcs8);
    expect(JSON.parse(JSON.stringify(identity))).toEqual({
      agentRuntimeId: 'agent-123',
      accountId: 'account-1',
      storedTaskId: 'stored',
    });
    expect(String(identity)).toMatch(/^AgentIdentity\(\{.*agent-123.*\}\)$/);
    expect({ ...identity }).not.toHaveProperty('record');
  });
});

it('registerRunTask refuses a record in place of an identity', async () => {
  const error = await thrownBy(() =>
    registerRunTask(record as unknown as AgentIdentity, { authapiBaseUrl: 'https://a.test' }),
  );
  expect(error.code).toBe('invalid_argument');
  expect(error.message).toContain('the result of readAgentIdentity');
  expect(error.message).not.toContain(fixedAgent.pkcs8);
});
