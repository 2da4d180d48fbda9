import { agentIdentityRecordSchema } from 'agent-identity-core/wire';
import { describe, expect, it } from 'vitest';
import { pkcs8Version2 } from '../support/fixed-agent.js';

const record = {
  agent_runtime_id: 'agent-123',
  agent_private_key: pkcs8Version2,
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: '',
  plan_type: 'pro',
  chatgpt_account_is_fedramp: false,
};
const accepts = (changes: object) => agentIdentityRecordSchema.safeParse({ ...record, ...changes }).success;

describe('agentIdentityRecordSchema', () => {
  it('reads a record with or without a task id and drops unknown members', () => {
    expect(agentIdentityRecordSchema.parse({ ...record, registered_at: 'x' })).toEqual(record);
    expect(agentIdentityRecordSchema.parse({ ...record, task_id: 'task-1' })).toEqual({
      ...record,
      task_id: 'task-1',
    });
  });

  it('reads a task id of null as none', () => {
    expect(agentIdentityRecordSchema.parse({ ...record, task_id: null }).task_id).toBeUndefined();
  });

  it('keeps the plan as stored, known or not', () => {
    expect(agentIdentityRecordSchema.parse({ ...record, plan_type: 'hc' }).plan_type).toBe('hc');
    expect(agentIdentityRecordSchema.parse({ ...record, plan_type: 'Galactic' }).plan_type).toBe('Galactic');
  });

  it.each([undefined, null, ''])('reads an email of %j as none, which is an empty string', (email) => {
    expect(agentIdentityRecordSchema.parse({ ...record, email }).email).toBe('');
  });

  it('reads a record without a member email', () => {
    const { email: _, ...withoutEmail } = record;
    expect(agentIdentityRecordSchema.parse(withoutEmail)).toEqual(record);
  });

  it('refuses an email of another type', () => {
    for (const email of [7, [], {}, false]) expect(accepts({ email })).toBe(false);
  });

  it.each(Object.keys(record).filter((name) => name !== 'email'))(
    'refuses an object whose %s is missing or of another type',
    (name) => {
      for (const value of [undefined, null, 7, [], {}]) expect(accepts({ [name]: value })).toBe(false);
    },
  );

  it('refuses empty ids and an empty key, but not an empty email', () => {
    for (const name of ['agent_runtime_id', 'agent_private_key', 'account_id', 'chatgpt_user_id']) {
      expect(accepts({ [name]: '' })).toBe(false);
    }
    expect(accepts({ email: '' })).toBe(true);
  });
});
