import { inspect } from 'node:util';
import { agentIdentityRecordSchema } from 'agent-identity-core/wire';
import { type AgentIdentityClaims, recordFromClaims } from 'agent-identity-jwt';
import { expect, it } from 'vitest';
import { agentPrivateKey, goodClaims } from '../support/issuer.js';

const claims = goodClaims as AgentIdentityClaims;

it('makes the record of auth.json, without the claims that are of the token only', () => {
  expect(recordFromClaims(claims)).toEqual({
    agent_runtime_id: 'agent-runtime-5309',
    agent_private_key: agentPrivateKey,
    account_id: 'account-8675',
    chatgpt_user_id: 'user-2112',
    email: 'agent-owner@example.test',
    plan_type: 'business',
    chatgpt_account_is_fedramp: false,
  });
});

it('has no task id, not even an empty one: the run registers its own', () => {
  expect(recordFromClaims(claims)).not.toHaveProperty('task_id');
});

it('writes no e-mail as an empty string', () => {
  const { email: _, ...rest } = claims;
  expect(recordFromClaims(rest).email).toBe('');
  expect(recordFromClaims({ ...rest, email: undefined }).email).toBe('');
});

it('keeps the FedRAMP mark', () => {
  const record = recordFromClaims({ ...claims, chatgpt_account_is_fedramp: true });
  expect(record.chatgpt_account_is_fedramp).toBe(true);
});

it('reads as a record', () => {
  const record = recordFromClaims(claims);
  expect(agentIdentityRecordSchema.parse(record)).toEqual(record);
});

it('is not shown with its key by inspect', () => {
  const shown = inspect({ record: recordFromClaims(claims) }, { depth: 5 });
  expect(shown).toContain(claims.account_id);
  expect(shown).toContain('[secret]');
  expect(shown).not.toContain(claims.agent_private_key);
});
