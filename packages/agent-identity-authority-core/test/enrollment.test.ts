import { memoryStore } from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import { printedForms } from 'test-support';
import { describe, expect, it } from 'vitest';
import { breakableStore } from './support/breakable-store.js';
import { account, bearer, now, registrationOf, startAuthority } from './support/start-authority.js';

const path = '/v1/admin/enrollment-tokens';
const wireAccount = {
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: 'agent@example.com',
  plan_type: 'business',
  is_fedramp: false,
};

/** An authority, an enrollment token, and what registers an agent with it. */
async function startWithToken(request: object = {}) {
  let time = now;
  const started = await startAuthority({}, { clock: () => time });
  const { admin, post } = started;
  const { status, body } = await admin(path, { account: wireAccount, ...request });
  expect(status).toBe(201);
  const { enrollment_token_id: id, token } = body as Record<string, string>;
  return {
    ...started,
    id: id ?? '',
    token: token ?? '',
    created: body,
    enroll: (registration: unknown = registrationOf(), used = token) =>
      post('/v1/agent/register', registration, bearer(used)),
    passTime: (seconds: number) => {
      time += seconds * 1000;
    },
  };
}

describe('an enrollment token', () => {
  it('registers an agent that made its own key, and tells it its account', async () => {
    const { enroll, created, store } = await startWithToken({ capabilities: ['repository:read'] });
    expect(created).toEqual({
      enrollment_token_id: expect.stringMatching(/^enrollment-[\da-f-]{36}$/),
      token: expect.stringMatching(/^aie_[\w-]{43}$/),
      expires_at: '2026-04-23T00:10:00.000Z',
    });
    const agentKey = generateAgentKey();
    const capabilities = ['repository:read', 'repository:write'];
    const { status, body } = await enroll(registrationOf(agentKey, { capabilities }));
    expect(status).toBe(200);
    const { agent_runtime_id: agentRuntimeId } = body;
    expect(body.account).toEqual({
      account_id: 'account-1',
      chatgpt_user_id: 'user-1',
      email: 'agent@example.com',
      plan_type: 'business',
      chatgpt_account_is_fedramp: false,
    });
    expect(await store.findAgentRuntime(agentRuntimeId)).toMatchObject({
      publicKeySsh: agentKey.publicKey.ssh,
      accountId: 'account-1',
      capabilities: ['repository:read'],
    });
  });

  it('registers one agent, which may repeat its registration', async () => {
    const { enroll } = await startWithToken();
    const registration = registrationOf();
    const first = await enroll(registration);
    expect(await enroll(registration)).toMatchObject({ status: 200, body: first.body });
    expect(await enroll()).toMatchObject({
      status: 403,
      body: { error: { code: 'enrollment_token_used' } },
    });
  });

  it('that is revoked during a registration is revoked, not used', async () => {
    const store = memoryStore();
    const { admin, post } = await startAuthority({
      store: {
        ...store,
        async addEnrolledAgentRuntime(runtime, tokenId, origin) {
          await store.revokeEnrollmentToken(tokenId, now, { actor: 'operator:alice' });
          return store.addEnrolledAgentRuntime(runtime, tokenId, origin);
        },
      },
    });
    const { token } = (await admin(path, { account: wireAccount })).body as Record<string, string>;
    expect(await post('/v1/agent/register', registrationOf(), bearer(token))).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_access_token' } },
    });
  });

  it('is not used by a registration that is refused', async () => {
    const { enroll } = await startWithToken();
    expect((await enroll(registrationOf(undefined, { agent_public_key: 'ssh-rsa AAAA' }))).status).toBe(400);
    expect((await enroll({})).status).toBe(400);
    expect((await enroll()).status).toBe(200);
  });

  it.each([[1], [600]])('ends after %i seconds', async (seconds) => {
    const { enroll, passTime } = await startWithToken({ lifetime_seconds: seconds });
    passTime(seconds);
    expect(await enroll()).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_access_token' } },
    });
  });

  it('can be revoked, and listed without the token', async () => {
    const { enroll, admin, id, token } = await startWithToken();
    const listed = await admin(path);
    expect(listed.body).toEqual({
      enrollment_tokens: [
        {
          enrollment_token_id: id,
          account_id: 'account-1',
          chatgpt_user_id: 'user-1',
          capabilities: [],
          status: 'unused',
          created_at: '2026-04-23T00:00:00.000Z',
          expires_at: '2026-04-23T00:10:00.000Z',
          used_at: null,
          agent_runtime_id: null,
          revoked_at: null,
        },
      ],
      next_cursor: null,
    });
    expect(JSON.stringify(listed)).not.toContain(token);
    const revoked = await admin(`${path}/${id}/revoke`, {});
    expect(revoked).toMatchObject({ status: 200, body: { status: 'revoked' } });
    expect((await enroll()).status).toBe(401);
    expect((await admin(`${path}/enrollment-2/revoke`, {})).body.error.code).toBe(
      'enrollment_token_not_found',
    );
  });

  it('is refused if it is not known, and no other authenticator is asked', async () => {
    let asked = 0;
    const authenticate = () => {
      asked += 1;
      return account;
    };
    const { post } = await startAuthority({ authenticator: { authenticate } });
    const unknown = bearer(`aie_${'a'.repeat(43)}`);
    expect(await post('/v1/agent/register', registrationOf(), unknown)).toMatchObject({
      status: 401,
      body: { error: { code: 'invalid_access_token' } },
    });
    expect(asked).toBe(0);
  });

  it('is for administrators to create', async () => {
    const { post } = await startAuthority();
    expect((await post(path, { account: wireAccount }, bearer())).status).toBe(401);
  });

  it.each([
    [{}, 'account'],
    [{ account: { ...wireAccount, account_id: 'a b' } }, 'account_id'],
    [{ account: wireAccount, lifetime_seconds: 2_592_001 }, 'lifetimeSeconds'],
    [{ account: wireAccount, lifetime_seconds: 0 }, 'lifetime_seconds'],
    [{ account: wireAccount, capabilities: ['a b'] }, 'capabilities'],
    [{ account: wireAccount, ttl: 5 }, 'ttl'],
  ])('is refused with %j', async (request, member) => {
    const { admin } = await startAuthority();
    const { status, body } = await admin(path, request);
    expect([status, body.error.code]).toEqual([400, 'invalid_request']);
    expect(body.error.message).toContain(member);
  });

  it('is not shown by what creates it', async () => {
    const { authority } = await startAuthority();
    const created = await authority.createEnrollmentToken({ account });
    expect(created.token).toMatch(/^aie_/);
    expect(printedForms(created)).not.toContain(created.token);
    expect({ ...created }).not.toHaveProperty('token');
  });

  it('is a 503 while the store is down', async () => {
    const { store, breakDown } = breakableStore();
    const { authority, post } = await startAuthority({ store });
    const { token } = await authority.createEnrollmentToken({ account });
    breakDown();
    expect((await post('/v1/agent/register', registrationOf(), bearer(token))).status).toBe(503);
  });
});
