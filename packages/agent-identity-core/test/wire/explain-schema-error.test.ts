import {
  agentBillOfMaterialsSchema,
  agentIdentityClaimsSchema,
  agentIdentityRecordSchema,
  agentRegistrationRequestSchema,
  explainSchemaError,
  taskRegistrationRequestSchema,
} from 'agent-identity-core/wire';
import { fixedAgent } from 'test-support';
import { expect, it } from 'vitest';
import * as z from 'zod';

const record = {
  agent_runtime_id: 'agent-123',
  agent_private_key: fixedAgent.pkcs8,
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: '',
  plan_type: 'pro',
  chatgpt_account_is_fedramp: false,
};

function explain(schema: z.core.$ZodType, value: unknown, name?: string): string {
  const { error } = z.safeParse(schema, value);
  return explainSchemaError(error ?? { issues: [] }, value, name);
}

it.each([
  [{ ...record, plan_type: undefined }, 'agent_identity.plan_type: expected a string, got nothing'],
  [{ ...record, plan_type: null }, 'agent_identity.plan_type: expected a string, got null'],
  [
    { ...record, chatgpt_account_is_fedramp: 'false' },
    'agent_identity.chatgpt_account_is_fedramp: expected a boolean, got a string of 5 characters',
  ],
  [
    { ...record, account_id: ' ' },
    'agent_identity.account_id: expected a non-blank Unicode string, got a string of 1 character',
  ],
  [
    { ...record, agent_private_key: '' },
    'agent_identity.agent_private_key: expected a non-empty string, got an empty string',
  ],
  [null, 'agent_identity: expected an object, got null'],
  [[], 'agent_identity: expected an object, got an array'],
  ['text', 'agent_identity: expected an object, got a string of 4 characters'],
])('a record is explained by its members: %#', (value, expected) => {
  expect(explain(agentIdentityRecordSchema, value, 'agent_identity')).toBe(expected);
});

it('all members are named, and none of their values', () => {
  const problem = explain(agentIdentityRecordSchema, { agent_private_key: fixedAgent.pkcs8, account_id: 7 });
  expect(problem).toContain('agent_runtime_id: expected a string, got nothing');
  expect(problem).toContain('account_id: expected a string, got a number');
  expect(problem).not.toContain(fixedAgent.pkcs8);
});

it.each([
  [agentIdentityClaimsSchema, { exp: 1.5 }, 'exp: expected a whole number, got a number'],
  [agentIdentityClaimsSchema, { exp: -1 }, 'exp: expected 0 or more, got a number'],
  [agentBillOfMaterialsSchema, {}, 'agent_version: expected a string, got nothing'],
  [agentRegistrationRequestSchema, { ttl: 0 }, 'ttl: expected more than 0, got a number'],
  [
    agentRegistrationRequestSchema,
    { capabilities: ['a', 7] },
    'capabilities.1: expected a string, got a number',
  ],
  [
    taskRegistrationRequestSchema,
    { timestamp: 'now' },
    'timestamp: expected another format, got a string of 3 characters',
  ],
  [taskRegistrationRequestSchema, { 'kind\n': 1 }, 'unknown member "kind?"'],
  [
    z.object({ mode: z.enum(['a', 'b']) }),
    { mode: 'c' },
    'mode: expected "a" or "b", got a string of 1 character',
  ],
  [z.array(z.string()).max(1), ['a', 'b'], 'expected at most 1, got an array'],
])('other schemas are explained too: %#', (schema, value, expected) => {
  expect(explain(schema, value)).toContain(expected);
});
