import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ActorAuthenticator, memoryStore } from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import { instanceRegistrationResponseSchema } from 'agent-identity-core/wire';
import { manualClock } from 'test-support';
import { describe, expect, it } from 'vitest';
import { breakableStore } from '../support/breakable-store.js';
import {
  actors,
  apiKey,
  inactiveKey,
  instanceRegistration,
  oauth,
  personalAccessToken,
  withKey,
} from '../support/instance-registration.js';
import { colleagueAccessToken, now, otherAccessToken, startAuthority } from '../support/start-authority.js';

const path = '/agent/register';
const key = (changes: object = {}) => ({ type: 'platform_api_key', credential: apiKey, ...changes });

async function refusalOf(body: unknown, headers: Record<string, string> = withKey()) {
  const { post } = await startAuthority({ actors });
  const answer = await post(path, body, headers);
  return { status: answer.status, code: answer.body.error?.code, message: answer.body.error?.message };
}

describe('POST /agent/register', () => {
  it('answers an access token with 200 and exactly three members', async () => {
    const { post, store } = await startAuthority();
    const agentKey = generateAgentKey();
    const registration = instanceRegistration({}, agentKey);
    const { status, body } = await post(path, registration, withKey());
    expect(status).toBe(200);
    expect(body).toEqual({
      runtime_agent_instance_id: expect.stringMatching(/^rai-[0-9a-f-]{36}$/),
      agent_host_id: expect.stringMatching(/^host-[0-9a-f]{32}$/),
      actor: { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' },
    });
    expect(instanceRegistrationResponseSchema.safeParse(body).success).toBe(true);
    expect(await store.findRuntimeAgentInstance(body.runtime_agent_instance_id)).toMatchObject({
      agentHostId: body.agent_host_id,
      installationId: registration.agent_host_auth.installation_id,
      publicKeySsh: agentKey.publicKey.ssh,
      actor: { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' },
      credentialType: 'oauth',
      harness: 'codex',
      harnessVersion: '0.169.0',
      role: 'orchestrator',
      createdAt: now,
      lastSeenAt: now,
      suspendedAt: null,
      revokedAt: null,
    });
  });

  it.each([
    [
      'an API key',
      key(),
      { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', project_id: null },
    ],
    [
      'an API key with its organization and a project of it',
      key({ organization_id: 'org-1', project_id: 'project-1' }),
      { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', project_id: 'project-1' },
    ],
    [
      'a personal access token',
      { type: 'personal_access_token', credential: personalAccessToken },
      { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' },
    ],
  ])('answers %s with its actor', async (_what, actorAuth, actor) => {
    const { post } = await startAuthority({ actors });
    const answer = await post(path, instanceRegistration({ actor_auth: actorAuth }), withKey());
    expect(answer).toMatchObject({ status: 200, body: { actor } });
  });

  it('exists under the base path only', async () => {
    const { post } = await startAuthority({ authapiBasePath: '/api/accounts' });
    expect((await post(`/api/accounts${path}`, instanceRegistration(), withKey())).status).toBe(200);
    expect((await post(path, instanceRegistration(), withKey())).status).toBe(404);
  });

  it('accepts every registration of the published client', async () => {
    const { runs } = JSON.parse(
      await readFile(
        new URL('../../../../tests/vectors/runtime-agent-instances.json', import.meta.url),
        'utf8',
      ),
    ) as { runs: { registrations?: { body: string; headers_in_order: [string, string][] }[] }[] };
    const anyone: ActorAuthenticator = {
      authenticate: (_credential, { organizationId, projectId = null }) =>
        organizationId === undefined && projectId === null
          ? { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' }
          : { kind: 'platform', userId: 'user-1', organizationId: organizationId ?? 'org-1', projectId },
    };
    const { post } = await startAuthority({
      actors: { oauth: anyone, platformApiKey: anyone, personalAccessToken: anyone },
    });
    const sent = runs.flatMap(({ registrations = [] }) => registrations);
    expect(sent.length).toBeGreaterThan(3);
    for (const { body, headers_in_order } of sent) {
      const idempotencyKey = new Map(headers_in_order).get('idempotency-key') ?? '';
      const { status } = await post(path, body, withKey(idempotencyKey));
      expect(status, body).toBe(200);
    }
  });

  it('gives one installation one host per account, and a stranger with its id another one', async () => {
    const { post } = await startAuthority();
    const { agent_host_auth } = instanceRegistration();
    const hostOf = async (credential: string) => {
      const registration = instanceRegistration({ agent_host_auth, actor_auth: { ...oauth, credential } });
      return (await post(path, registration, withKey())).body.agent_host_id;
    };
    const own = await hostOf(oauth.credential);
    expect(await hostOf(colleagueAccessToken)).toBe(own);
    expect(await hostOf(otherAccessToken)).not.toBe(own);
  });
});

describe('a repeated registration', () => {
  it('gets the same answer for the same Idempotency-Key and body, even twelve at once', async () => {
    const { authority, post, store } = await startAuthority();
    const headers = withKey();
    const registration = instanceRegistration();
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(path, registration, headers)));
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect((await store.listRuntimeAgentInstances()).items).toHaveLength(1);
    await authority.sequenceAuditEntries();
    const added = await store.listAuditEntries({ action: 'runtime_agent_instance_added' });
    expect(added.items).toHaveLength(1);
  });

  it('gets the same answer from another node', async () => {
    const store = memoryStore();
    const [one, other] = [await startAuthority({ store }), await startAuthority({ store })];
    const headers = withKey();
    const registration = instanceRegistration();
    const { body } = await one.post(path, registration, headers);
    expect((await other.post(path, registration, headers)).body).toEqual(body);
  });

  it.each([
    ['another key', () => ({ public_key: generateAgentKey().publicKey.ssh })],
    ['another credential', () => ({ actor_auth: { ...oauth, credential: otherAccessToken } })],
    [
      'another installation',
      () => ({ agent_host_auth: { type: 'installation_id', installation_id: randomUUID() } }),
    ],
    ['other metadata', () => ({ metadata: { harness: 'codex', harness_version: '0.170.0', role: 'x' } })],
  ])('with the same Idempotency-Key and %s is a conflict', async (_what, changes) => {
    const { post, store } = await startAuthority();
    const headers = withKey();
    const registration = instanceRegistration();
    await post(path, registration, headers);
    const answer = await post(path, { ...registration, ...changes() }, headers);
    expect(answer).toMatchObject({
      status: 409,
      body: { error: { code: 'runtime_registration_conflict' } },
    });
    expect((await store.listRuntimeAgentInstances()).items).toHaveLength(1);
  });

  it('of a public key by the same actor and host gets its instance, also under a new Idempotency-Key', async () => {
    const { post } = await startAuthority();
    const registration = instanceRegistration();
    const { body } = await post(path, registration, withKey());
    expect((await post(path, registration, withKey())).body).toEqual(body);
  });

  it.each([
    [
      'another actor',
      { actor_auth: { ...oauth, credential: otherAccessToken } },
      403,
      'runtime_actor_conflict',
    ],
    [
      'another host',
      { agent_host_auth: { type: 'installation_id', installation_id: randomUUID() } },
      409,
      'runtime_host_conflict',
    ],
  ])('of a public key by %s is refused', async (_who, changes, status, code) => {
    const { post } = await startAuthority();
    const registration = instanceRegistration();
    await post(path, registration, withKey());
    const answer = await post(path, { ...registration, ...changes }, withKey());
    expect(answer).toMatchObject({ status, body: { error: { code } } });
  });

  it('of a revoked instance is refused forever', async () => {
    const { post, authority } = await startAuthority();
    const headers = withKey();
    const registration = instanceRegistration();
    const { body } = await post(path, registration, headers);
    const { runtime_agent_instance_id: runtimeAgentInstanceId } = body;
    expect(await authority.changeRuntimeAgentInstances({ runtimeAgentInstanceId }, 'revoke')).toBe(1);
    for (const again of [headers, withKey()]) {
      expect(await post(path, registration, again)).toMatchObject({
        status: 403,
        body: { error: { code: 'runtime_instance_revoked' } },
      });
    }
  });

  it('revives an expired instance', async () => {
    const { clock, advance } = manualClock(now);
    const { post, authority } = await startAuthority({ instanceIdleTtlSeconds: 3600 }, { clock });
    const headers = withKey();
    const registration = instanceRegistration();
    const { body } = await post(path, registration, headers);
    const statusNow = async () =>
      (await authority.directory.findRuntimeAgentInstance?.(body.runtime_agent_instance_id))?.status;
    expect(await statusNow()).toBe('active');
    advance(3600);
    expect(await statusNow()).toBe('expired');
    expect((await post(path, registration, headers)).status).toBe(200);
    expect(await statusNow()).toBe('active');
  });
});

describe('the credential of a registration', () => {
  it.each([
    ['an unknown access token', { ...oauth, credential: 'unknown' }, 401, 'runtime_actor_invalid'],
    ['an unknown API key', key({ credential: 'sk-unknown' }), 401, 'runtime_actor_invalid'],
    ['text that is no token', { ...oauth, credential: 'a b' }, 401, 'runtime_actor_invalid'],
    ['an API key as an access token', { ...oauth, credential: apiKey }, 401, 'runtime_actor_invalid'],
    ['an inactive API key', key({ credential: inactiveKey }), 403, 'runtime_actor_source_inactive'],
    ['another organization', key({ organization_id: 'org-2' }), 403, 'runtime_actor_conflict'],
    ['another project', key({ project_id: 'project-2' }), 403, 'runtime_actor_conflict'],
  ])('is refused if it is %s', async (_what, actorAuth, status, code) => {
    expect(await refusalOf(instanceRegistration({ actor_auth: actorAuth }))).toMatchObject({ status, code });
  });

  it('is refused if the authority has no authenticator for its type', async () => {
    const { post } = await startAuthority();
    const answer = await post(path, instanceRegistration({ actor_auth: key() }), withKey());
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'runtime_actor_invalid' } } });
  });

  it.each([
    ['fails', () => Promise.reject(new Error(`no connection for ${apiKey}`))],
    ['returns an actor of another form', () => ({ kind: 'robot' }) as never],
    [
      'returns an account that clients cannot send',
      () => ({ kind: 'chatgpt', userId: 'user-1', accountId: 'a b' }) as const,
    ],
    [
      'returns ids that nothing can store',
      () => ({ kind: 'chatgpt', userId: '\0', accountId: 'a' }) as const,
    ],
  ])('is not refused, but a 503, if the authenticator %s', async (_how, authenticate) => {
    const failures: unknown[] = [];
    const { post } = await startAuthority({
      actors: { platformApiKey: { authenticate } },
      onFailure: (failure) => failures.push(failure),
    });
    const { status, headers, body } = await post(
      path,
      instanceRegistration({ actor_auth: key() }),
      withKey(),
    );
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('1');
    expect(body.error.code).toBe('runtime_verification_unavailable');
    expect(failures).toHaveLength(1);
    expect(String((failures[0] as Error).stack)).not.toContain(apiKey);
  });

  it('is not refused, but a 503, while the store is down', async () => {
    const { store, breakDown } = breakableStore();
    const { post } = await startAuthority({ store });
    breakDown();
    expect(await post(path, instanceRegistration(), withKey())).toMatchObject({
      status: 503,
      body: { error: { code: 'runtime_verification_unavailable' } },
    });
  });
});

describe('a malformed registration', () => {
  const valid = instanceRegistration();
  it.each([
    ['no JSON', '{', ''],
    ['a list', [], 'expected'],
    ['no credential', { ...valid, actor_auth: { type: 'oauth' } }, 'actor_auth.credential'],
    ['an empty credential', { ...valid, actor_auth: { ...oauth, credential: '' } }, 'actor_auth.credential'],
    [
      'a number as credential',
      { ...valid, actor_auth: { ...oauth, credential: 7 } },
      'actor_auth.credential',
    ],
    ['an unknown type', { ...valid, actor_auth: { ...oauth, type: 'cookie' } }, 'actor_auth.type'],
    ['no host', { ...valid, agent_host_auth: undefined }, 'agent_host_auth'],
    [
      'an installation id in another form',
      { ...valid, agent_host_auth: { type: 'installation_id', installation_id: randomUUID().toUpperCase() } },
      'agent_host_auth.installation_id',
    ],
    ['no public key', { ...valid, public_key: undefined }, 'public_key'],
    ['a public key with a comment', { ...valid, public_key: `${valid.public_key} me` }, 'public_key'],
    ['no metadata', { ...valid, metadata: {} }, 'metadata.harness'],
    ['long metadata', { ...valid, metadata: { ...valid.metadata, role: 'x'.repeat(513) } }, 'metadata'],
    ['NUL', { ...valid, metadata: { ...valid.metadata, role: '\0' } }, ''],
  ])('with %s is a 400 that names the member', async (_what, body, member) => {
    const { status, code, message } = await refusalOf(body);
    expect(status).toBe(400);
    expect(code).toBe('runtime_input_invalid');
    expect(message).toContain(member);
  });

  it.each([
    ['none', {}],
    ['no UUID', withKey('a-key')],
    ['two', withKey(`${randomUUID()}, ${randomUUID()}`)],
  ])('with an Idempotency-Key that is %s is a 400', async (_what, headers) => {
    expect(await refusalOf(valid, headers)).toMatchObject({
      status: 400,
      code: 'runtime_idempotency_key_invalid',
    });
  });

  it('over 64 KiB is a 413', async () => {
    const body = instanceRegistration({ actor_auth: { ...oauth, credential: 'x'.repeat(70_000) } });
    expect(await refusalOf(body)).toMatchObject({ status: 413, code: 'runtime_input_too_large' });
  });
});

describe('the limits of registrations', () => {
  it('count new instances of a user, and not their repeats', async () => {
    const perActor = { requests: 2, perSeconds: 60 };
    const { post } = await startAuthority({ rateLimits: { perActor } });
    const first = instanceRegistration();
    const headers = withKey();
    for (const _ of [1, 2, 3]) expect((await post(path, first, headers)).status).toBe(200);
    expect((await post(path, instanceRegistration(), withKey())).status).toBe(200);
    const answer = await post(path, instanceRegistration(), withKey());
    expect(answer).toMatchObject({ status: 429, body: { error: { code: 'runtime_rate_limited' } } });
    expect(answer.headers.get('retry-after')).toBe('30');
    const colleague = { actor_auth: { ...oauth, credential: colleagueAccessToken } };
    expect((await post(path, instanceRegistration(colleague), withKey())).status).toBe(200);
  });

  it('count requests of an address', async () => {
    const { post } = await startAuthority({
      rateLimits: { perAddress: { requests: 1, perSeconds: 60 } },
      clientAddressOf: () => '192.0.2.1',
    });
    await post(path, instanceRegistration(), withKey());
    expect(await post(path, instanceRegistration(), withKey())).toMatchObject({
      status: 429,
      body: { error: { code: 'runtime_rate_limited' } },
    });
  });
});
