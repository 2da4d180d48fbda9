import { generateAgentKey } from 'agent-identity-core';
import { describe, expect, it } from 'vitest';
import {
  accessToken,
  account,
  bearer,
  colleagueAccessToken,
  now,
  otherAccessToken,
  registrationOf,
  startAuthority,
} from '../support/start-authority.js';

const path = '/v1/agent/register';

describe('POST /v1/agent/register', () => {
  it('returns unique, URL-safe ids without a colon', async () => {
    const { post } = await startAuthority();
    const answers = await Promise.all([1, 2, 3].map(() => post(path, registrationOf(), bearer())));
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body.agent_runtime_id).toMatch(/^[\w-]{20,80}$/);
    }
    expect(new Set(answers.map(({ body }) => body.agent_runtime_id)).size).toBe(3);
  });

  it("stores the registration under the token's account", async () => {
    const { post, store } = await startAuthority();
    const agentKey = generateAgentKey();
    const { body } = await post(path, registrationOf(agentKey, { ttl: 60 }), bearer());
    expect(await store.findAgentRuntime(body.agent_runtime_id)).toEqual({
      agentRuntimeId: body.agent_runtime_id,
      publicKeySsh: agentKey.publicKey.ssh,
      accountId: 'account-1',
      chatgptUserId: 'user-1',
      planType: 'business',
      name: null,
      owner: null,
      labels: {},
      abom: { agent_version: '1.0.0', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
      capabilities: ['responsesapi'],
      lineage: [],
      createdAt: now,
      expiresAt: now + 60_000,
      suspendedAt: null,
      revokedAt: null,
    });
  });

  it('grants what is asked for and allowed, and nothing else', async () => {
    const { post, store } = await startAuthority();
    const capabilities = ['repository:write', 'repository:read', 'repository:read', '*'];
    const { body } = await post(path, registrationOf(undefined, { capabilities }), bearer());
    expect((await store.findAgentRuntime(body.agent_runtime_id))?.capabilities).toEqual(['repository:read']);
  });

  it('grants nothing to an account that allows nothing', async () => {
    const { capabilities: _, ...authenticated } = account;
    const { post, store } = await startAuthority({ authenticator: { authenticate: () => authenticated } });
    const { body } = await post(path, registrationOf(), bearer());
    expect((await store.findAgentRuntime(body.agent_runtime_id))?.capabilities).toEqual([]);
  });

  it.each([252, 512])('accepts an account id and a user id of %s characters each', async (length) => {
    const ids = { accountId: 'a'.repeat(length), chatgptUserId: 'u'.repeat(length) };
    const authenticator = {
      authenticate: () => ({ ...ids, planType: 'business', isFedramp: false }),
    };
    const { authority, post, store } = await startAuthority({ authenticator });
    const { status, body } = await post(path, registrationOf(), bearer());
    expect(status).toBe(200);
    expect(await store.findAgentRuntime(body.agent_runtime_id)).toMatchObject(ids);
    await authority.sequenceAuditEntries();
    const { items } = await store.listAuditEntries({ agentRuntimeId: body.agent_runtime_id });
    expect(items[0]?.actor).toBe(`account:${ids.accountId}/${ids.chatgptUserId}`);
  });

  it('the same key of the same user gets the same id, even four at once', async () => {
    const { post } = await startAuthority();
    const registration = registrationOf();
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(path, registration, bearer())));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.agent_runtime_id}`)).size).toBe(1);
  });

  it.each([
    ['another account', otherAccessToken],
    ['a colleague of the same account', colleagueAccessToken],
  ])('a key that %s has registered is refused', async (_who, token) => {
    const { post } = await startAuthority();
    const registration = registrationOf();
    await post(path, registration, bearer());
    const { status, body } = await post(path, registration, bearer(token));
    expect(status).toBe(409);
    expect(body.error.code).toBe('agent_public_key_taken');
  });

  it('the key of a revoked runtime is refused forever', async () => {
    const { post, authority } = await startAuthority();
    const registration = registrationOf();
    const { body } = await post(path, registration, bearer());
    await authority.revokeAgentRuntime(body.agent_runtime_id);
    expect(await post(path, registration, bearer())).toMatchObject({
      status: 403,
      body: { error: { code: 'agent_runtime_deleted', message: 'Agent runtime has been deleted.' } },
    });
  });

  it('with a base path, it exists only under that path', async () => {
    const { post } = await startAuthority({ authapiBasePath: '/api/accounts' });
    expect((await post(`/api/accounts${path}`, registrationOf(), bearer())).status).toBe(200);
    expect((await post(path, registrationOf(), bearer())).status).toBe(404);
  });
});

describe('the access token of a registration', () => {
  it.each([
    ['is missing', {}],
    ['is empty', { authorization: 'Bearer ' }],
    ['is unknown', bearer('access-token-of-account-3')],
    ['is a prefix of a token', bearer(accessToken.slice(0, -1))],
    ['has another scheme', { authorization: `Basic ${accessToken}` }],
    ['is repeated', { authorization: `Bearer ${accessToken} ${accessToken}` }],
  ])('is refused if it %s', async (_what, headers) => {
    const { post } = await startAuthority();
    const answer = await post(path, registrationOf(), headers as Record<string, string>);
    expect(answer.status).toBe(401);
    expect(answer.body.error.code).toBe('invalid_access_token');
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
  });

  it('is checked before the body', async () => {
    const { post } = await startAuthority();
    expect((await post(path, 'not JSON')).status).toBe(401);
  });

  it('the response is 503, not a refusal, if the authenticator cannot decide', async () => {
    const failures: unknown[] = [];
    const failure = new Error(`no answer for ${accessToken}`);
    const authenticator = {
      async authenticate() {
        throw failure;
      },
    };
    const { post } = await startAuthority({ authenticator, onFailure: (error) => failures.push(error) });
    const answer = await post(path, registrationOf(), bearer());
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(answer.body.error.code).toBe('authenticator_unavailable');
    expect(JSON.stringify(answer.body)).not.toContain(accessToken);
    expect(failures).toEqual([failure]);
  });
});

describe('the body of a registration', () => {
  it.each([
    ['text that is not JSON', 'not JSON'],
    ['null', null],
    ['an array', []],
    ['no abom', registrationOf(undefined, { abom: undefined })],
    ['an incomplete abom', registrationOf(undefined, { abom: { agent_version: '1' } })],
    ['no capabilities', registrationOf(undefined, { capabilities: undefined })],
    ['capabilities of another type', registrationOf(undefined, { capabilities: 'responsesapi' })],
    ['no ttl', registrationOf(undefined, { ttl: undefined })],
    ['a ttl of 0', registrationOf(undefined, { ttl: 0 })],
    ['a negative ttl', registrationOf(undefined, { ttl: -1 })],
    ['a fractional ttl', registrationOf(undefined, { ttl: 1.5 })],
    ['too many capabilities', registrationOf(undefined, { capabilities: Array(65).fill('a') })],
    ['a capability that is too long', registrationOf(undefined, { capabilities: ['a'.repeat(513)] })],
    [
      'an abom that is a book',
      registrationOf(undefined, {
        abom: { agent_version: 'a'.repeat(513), agent_harness_id: 'b', running_location: 'c' },
      }),
    ],
    ['NUL', registrationOf(undefined, { capabilities: ['a\0b'] })],
    ['half a character', registrationOf(undefined, { capabilities: ['a\ud800'] })],
    ['a ttl beyond all dates', registrationOf(undefined, { ttl: Number.MAX_SAFE_INTEGER })],
  ])('is refused with %s', async (_what, body) => {
    const { post } = await startAuthority();
    expect(await post(path, body, bearer())).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request' } },
    });
  });

  it('the refusal names members and never quotes values', async () => {
    const { post } = await startAuthority();
    const { body } = await post(path, registrationOf(undefined, { capabilities: ['a-value', 7] }), bearer());
    expect(body.error.message).toContain('capabilities.1');
    expect(body.error.message).not.toContain('a-value');
  });

  it('unknown members are ignored, because clients may send more', async () => {
    const { post } = await startAuthority();
    expect((await post(path, registrationOf(undefined, { new_member: 1 }), bearer())).status).toBe(200);
  });

  it.each([
    ['a comment', (ssh: string) => `${ssh} me@example.com`],
    ['a line end', (ssh: string) => `${ssh}\n`],
    ['another type', (ssh: string) => ssh.replaceAll('ssh-ed25519', 'ssh-rsa')],
    ['a point of small order', () => `ssh-ed25519 ${smallOrderBlob()}`],
  ])('a public key with %s is refused', async (_what, change) => {
    const { post } = await startAuthority();
    const { ssh } = generateAgentKey().publicKey;
    const registration = registrationOf(undefined, { agent_public_key: change(ssh) });
    expect(await post(path, registration, bearer())).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_agent_public_key' } },
    });
  });
});

/** The SSH blob of the neutral element, for which any signature can be forged. */
function smallOrderBlob(): string {
  const header = Buffer.from('0000000b7373682d6564323535313900000020', 'hex');
  return Buffer.concat([header, Buffer.from([1]), Buffer.alloc(31)]).toString('base64');
}
