import { readAgentKey } from 'agent-identity-core';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { describe, expect, it } from 'vitest';
import { now, startAuthority } from '../support/start-authority.js';

const account = {
  account_id: 'account-9',
  chatgpt_user_id: 'user-9',
  plan_type: 'business',
  is_fedramp: false,
};

describe('issuing', () => {
  it.each([
    [
      { account: { ...account, plan_tpye: 'x' } },
      'account: unknown name "plan_tpye", did you mean "plan_type"?',
    ],
    [{ account, lifetime: 1 }, 'unknown name "lifetime", '],
    [{ account: { ...account, is_fedramp: 'no' } }, 'account.is_fedramp: expected boolean, got string'],
    [
      { account: { ...account, account_id: 'Müller' } },
      'account.account_id: expected visible ASCII characters without spaces',
    ],
    [
      { account: { ...account, chatgpt_user_id: ' ' } },
      'account.chatgpt_user_id: expected text that is not blank',
    ],
    ['text', 'The body is not JSON'],
  ])('says what was expected of %j', async (request, expected) => {
    const { admin } = await startAuthority();
    const { body } = await admin('/v1/admin/agents', request);
    expect(body.error.message).toContain(expected);
  });

  it('returns a JWT that verifies and a runtime that can register tasks', async () => {
    const { admin, authority, store } = await startAuthority();
    const { status, body, headers } = await admin('/v1/admin/agents', {
      account: { ...account, email: 'a@example.com' },
      lifetime_seconds: 600,
      runtime_ttl_seconds: 3600,
      abom: { agent_version: '1', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
      capabilities: ['responsesapi'],
    });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body.expires_at).toBe('2026-04-23T00:10:00.000Z');
    const jwks = localJwks(await authority.jwks());
    const claims = await verifyAgentIdentityJwt(body.jwt, { jwks }, { clock: () => now });
    expect(claims).toMatchObject({ account_id: 'account-9', agent_runtime_id: body.agent_runtime_id });
    expect(await store.findAgentRuntime(body.agent_runtime_id)).toMatchObject({
      publicKeySsh: readAgentKey(claims.agent_private_key).publicKey.ssh,
      expiresAt: now + 3_600_000,
    });
  });

  it.each([
    ['no account', {}],
    ['a blank account', { account: { ...account, account_id: ' ' } }],
    ['an account with a space', { account: { ...account, account_id: 'account 9' } }],
    ['an account that is too long', { account: { ...account, account_id: 'a'.repeat(513) } }],
    ['an unknown member', { account, jwt_lifetime: 1 }],
    ['a lifetime longer than allowed', { account, lifetime_seconds: 86_401 }],
    ['a lifetime of 0', { account, lifetime_seconds: 0 }],
    ['NUL', { account: { ...account, account_id: 'a\0b' } }],
    ['a lone surrogate', { account: { ...account, account_id: 'a\ud800' } }],
  ])('refuses %s', async (_what, request) => {
    const { admin, store } = await startAuthority();
    expect(await admin('/v1/admin/agents', request)).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
    expect((await store.listAgentRuntimes()).items).toEqual([]);
  });
});
