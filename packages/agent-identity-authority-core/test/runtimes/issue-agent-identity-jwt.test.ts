import { inspect } from 'node:util';
import type { IssueAgentIdentityJwtOptions } from 'agent-identity-authority-core';
import { readAgentKey, signTaskRegistration } from 'agent-identity-core';
import { localJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
import { decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import { breakableStore } from '../support/breakable-store.js';
import { account, now, startAuthority } from '../support/start-authority.js';

const clock = () => now;

describe('an issued Agent Identity JWT', () => {
  it("verifies against the authority's key set and has every claim of the protocol", async () => {
    const { authority } = await startAuthority();
    const issued = await authority.issueAgentIdentityJwt({ account });
    const jwks = localJwks(await authority.jwks());
    expect(await verifyAgentIdentityJwt(issued.jwt, { jwks }, { clock })).toEqual({
      iss: 'https://chatgpt.com/codex-backend/agent-identity',
      aud: 'codex-app-server',
      iat: now / 1000,
      exp: now / 1000 + 86_400,
      agent_runtime_id: issued.agentRuntimeId,
      agent_private_key: expect.stringMatching(/^MC4CAQAw/),
      account_id: 'account-1',
      chatgpt_user_id: 'user-1',
      email: 'agent@example.com',
      plan_type: 'business',
      chatgpt_account_is_fedramp: false,
    });
    expect(issued.expiresAt).toBe(now + 86_400_000);
    expect(decodeProtectedHeader(issued.jwt)).toMatchObject({
      alg: 'RS256',
      kid: (await authority.jwks()).keys[0]?.kid,
    });
  });

  it.each([[undefined], ['']])('has no email address if the account has %o', async (email) => {
    const { authority } = await startAuthority();
    const { jwt } = await authority.issueAgentIdentityJwt({ account: { ...account, email } });
    const claims = await verifyAgentIdentityJwt(jwt, { jwks: localJwks(await authority.jwks()) }, { clock });
    expect(claims.email).toBeUndefined();
  });

  it('its runtime is registered, and only the JWT has the key', async () => {
    const { authority, store, registerTask } = await startAuthority();
    const { jwt, agentRuntimeId } = await authority.issueAgentIdentityJwt({ account });
    const claims = await verifyAgentIdentityJwt(jwt, { jwks: localJwks(await authority.jwks()) }, { clock });
    const agentKey = readAgentKey(claims.agent_private_key);
    const stored = await store.findAgentRuntime(agentRuntimeId);
    expect(stored).toMatchObject({
      accountId: 'account-1',
      publicKeySsh: agentKey.publicKey.ssh,
      expiresAt: null,
    });
    expect(JSON.stringify(stored)).not.toContain(claims.agent_private_key);
    const answer = await registerTask(
      agentRuntimeId,
      signTaskRegistration({ agentKey, agentRuntimeId }, { clock }),
    );
    expect(answer.status).toBe(200);
  });

  it('each call issues another identity', async () => {
    const { authority } = await startAuthority();
    const issued = await Promise.all([1, 2, 3].map(() => authority.issueAgentIdentityJwt({ account })));
    expect(new Set(issued.map(({ agentRuntimeId }) => agentRuntimeId)).size).toBe(3);
  });

  it('printing the result does not show it', async () => {
    const { authority } = await startAuthority();
    const issued = await authority.issueAgentIdentityJwt({ account });
    const { jwt, agentRuntimeId } = issued;
    for (const printed of [inspect(issued, { showHidden: true, getters: true }), JSON.stringify(issued)]) {
      expect(printed).toContain(agentRuntimeId);
      expect(printed).not.toContain(jwt);
      expect(printed).not.toContain(jwt.split('.')[1]);
    }
    expect(JSON.stringify({ ...issued })).not.toContain(jwt);
  });
});

describe('the options of issueAgentIdentityJwt', () => {
  it('they set a shorter lifetime, a ttl, capabilities and an abom', async () => {
    const { authority, store } = await startAuthority({ jwtLifetimeSeconds: 3600 });
    const terms = {
      lifetimeSeconds: 600,
      runtimeTtlSeconds: 7200,
      capabilities: ['responsesapi', 'files'],
      abom: { agent_version: '1', agent_harness_id: 'ci', running_location: 'runner-linux' },
    };
    const issued = await authority.issueAgentIdentityJwt({ account, ...terms });
    expect(issued.expiresAt).toBe(now + 600_000);
    expect(await store.findAgentRuntime(issued.agentRuntimeId)).toMatchObject({
      expiresAt: now + 7_200_000,
      capabilities: terms.capabilities,
      abom: terms.abom,
    });
  });

  it.each([
    ['lifetimeSeconds', { lifetimeSeconds: 3601 }],
    ['lifetimeSeconds', { lifetimeSeconds: 0 }],
    ['runtimeTtlSeconds', { runtimeTtlSeconds: 1.5 }],
    ['account.accountId', { account: { ...account, accountId: ' ' } }],
    ['account.accountId', { account: { ...account, accountId: 'Müller' } }],
    ['account.accountId', { account: { ...account, accountId: 'account 1' } }],
    ['account.accountId', { account: { ...account, accountId: 'account-1\r\nx: y' } }],
    ['account.chatgptUserId', { account: { ...account, chatgptUserId: undefined } }],
    ['account.planType', { account: { ...account, planType: 7 } }],
    ['account.email', { account: { ...account, email: null } }],
    ['account.isFedramp', { account: { ...account, isFedramp: 'no' } }],
    ['account', { account: undefined }],
  ])('an invalid %s is refused: %j', async (name, wrong) => {
    const { authority } = await startAuthority({ jwtLifetimeSeconds: 3600 });
    const grant = { account, ...wrong } as unknown as IssueAgentIdentityJwtOptions;
    await expect(authority.issueAgentIdentityJwt(grant)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(name),
    });
  });
});

it('an identity that could not be stored is not returned', async () => {
  const { store, breakDown } = breakableStore();
  const { authority } = await startAuthority({ store });
  breakDown();
  await expect(authority.issueAgentIdentityJwt({ account })).rejects.toMatchObject({
    code: 'store_unavailable',
    retryable: true,
  });
});
