import { inspect } from 'node:util';
import { agentIdentityRecordSchema } from 'agent-identity-core/wire';
import { type AgentIdentityClaims, recordFromClaims } from 'agent-identity-jwt';
import { expect, it } from 'vitest';
import { agentPrivateKey, goodClaims } from '../support/issuer.js';

const claims = goodClaims as AgentIdentityClaims;

it('recordFromClaims creates the record of auth.json without the claims that only a token has', () => {
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

it('the record has no task id, because the run registers its own', () => {
  expect(recordFromClaims(claims)).not.toHaveProperty('task_id');
});

it('a missing email is written as an empty string', () => {
  const { email: _, ...rest } = claims;
  expect(recordFromClaims(rest).email).toBe('');
  expect(recordFromClaims({ ...rest, email: undefined }).email).toBe('');
});

it('the record keeps the FedRAMP flag', () => {
  const record = recordFromClaims({ ...claims, chatgpt_account_is_fedramp: true });
  expect(record.chatgpt_account_is_fedramp).toBe(true);
});

it('the record is accepted by the record schema', () => {
  const record = recordFromClaims(claims);
  expect(agentIdentityRecordSchema.parse(record)).toEqual(record);
});

it('inspect does not show the key of the record', () => {
  const shown = inspect({ record: recordFromClaims(claims) }, { depth: 5 });
  expect(shown).toContain(claims.account_id);
  expect(shown).toContain('[secret]');
  expect(shown).not.toContain(claims.agent_private_key);
});
