import { readFileSync } from 'node:fs';
import { generateAgentKey, readSshPublicKey } from 'agent-identity-core';
import type { HttpEffects } from 'agent-identity-core/http';
import type { ActorAuth } from 'agent-identity-core/wire';
import {
  type RegisterRuntimeAgentInstanceOptions,
  type RegistrationError,
  registerRuntimeAgentInstance,
} from 'agent-identity-registry';
import { closedOrigin, printedForms, thrownBy, unsignedJwt } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from '../support/authapi-server.js';
import { failureOf } from '../support/failure-of.js';
import { agentKey } from '../support/fixed-agent.js';
import { recordingEffects } from '../support/recording-effects.js';

const uuidV4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const installationId = 'c77b29af-1f5f-4e5c-a007-978c11d359e1';
const credential = 'secret.credential/1';
const actorAuth: ActorAuth = { type: 'oauth', credential };
const registration = {
  actorAuth,
  installationId,
  agentKey,
  metadata: { harness: 'codex', harness_version: '0.169.0', role: 'orchestrator' },
};
const chatgpt = { kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' };
const platform = { kind: 'platform', user_id: 'user-1', organization_id: 'org-1', project_id: 'proj-1' };
const body = { runtime_agent_instance_id: 'rai-1', agent_host_id: 'host-1', actor: chatgpt };
const success: AuthapiReply = { body };

async function register(
  replies: readonly AuthapiReply[] = [success],
  changes: Partial<RegisterRuntimeAgentInstanceOptions> = {},
  effects: HttpEffects = recordingEffects(),
) {
  const { baseUrl, requests } = await authapiServer(...replies);
  const options = { baseUrl, ...registration, ...changes };
  return { instance: registerRuntimeAgentInstance(options, effects), requests, options };
}

async function failure(...replies: readonly AuthapiReply[]): Promise<RegistrationError> {
  return failureOf((await register(replies)).instance);
}

describe('the request of registerRuntimeAgentInstance', () => {
  it('is a POST to /agent/register under the base URL with the headers of the protocol and a User-Agent', async () => {
    const { instance, requests } = await register();
    await instance;
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/api/accounts/agent/register' });
    const headers = requests[0]?.headers ?? {};
    expect(headers).toMatchObject({ 'content-type': 'application/json', accept: '*/*' });
    expect(headers['idempotency-key']).toMatch(uuidV4);
    expect(headers['user-agent']).toMatch(/^agent-identity-ts\//);
    for (const name of ['authorization', 'originator', 'chatgpt-account-id', 'x-openai-fedramp', 'cookie']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  it('has the bodies that the published client sent, byte for byte', async () => {
    const vectors = new URL('../../../../tests/vectors/runtime-agent-instances.json', import.meta.url);
    const { runs } = JSON.parse(readFileSync(vectors, 'utf8'));
    const bodies: string[] = runs.flatMap((run: { registrations: { body: string }[] }) =>
      run.registrations.map((entry) => entry.body),
    );
    expect(bodies.length).toBeGreaterThan(0);
    for (const captured of bodies) {
      const { actor_auth, agent_host_auth, public_key, metadata } = JSON.parse(captured);
      const publicKey = readSshPublicKey(public_key);
      const { organization_id = 'org-1', project_id = 'proj-1' } = actor_auth;
      const { instance, requests } = await register(
        [{ body: { ...body, actor: { ...platform, organization_id, project_id } } }],
        {
          actorAuth: actor_auth,
          installationId: agent_host_auth.installation_id,
          agentKey: { ...agentKey, publicKey, sign: (message) => agentKey.sign(message) },
          metadata,
        },
      );
      await instance;
      expect(requests[0]?.body).toBe(captured);
    }
  });

  it('holds no member that the protocol does not have', async () => {
    const metadata = { ...registration.metadata, host_name: 'secret-host' };
    const { instance, requests } = await register([success], { metadata });
    await instance;
    expect(requests[0]?.body).not.toContain('secret-host');
  });

  it('can have another User-Agent', async () => {
    const { instance, requests } = await register([success], { userAgent: 'my-agent/1.0' });
    await instance;
    expect(requests[0]?.headers).toMatchObject({ 'user-agent': 'my-agent/1.0' });
  });
});

describe('the Idempotency-Key', () => {
  const keyOf = async (changes: Partial<RegisterRuntimeAgentInstanceOptions> = {}) => {
    const { instance, requests } = await register([success], changes);
    await instance;
    return requests[0]?.headers['idempotency-key'];
  };

  it('and the body are the same over all attempts', async () => {
    const { instance, requests } = await register([{ status: 503 }, { status: 429 }, success]);
    await instance;
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(new Set(requests.map((request) => request.body)).size).toBe(1);
  });

  it('is the same for a later call with the same options, so that it repeats the registration', async () => {
    expect(await keyOf()).toBe(await keyOf());
  });

  it('changes with the key, the credential and every other part of the body', async () => {
    const keys = await Promise.all([
      keyOf(),
      keyOf({ agentKey: generateAgentKey() }),
      keyOf({ actorAuth: { type: 'oauth', credential: 'other' } }),
      keyOf({ actorAuth: { type: 'platform_api_key', credential } }),
      keyOf({ installationId: '00000000-0000-0000-0000-000000000000' }),
      keyOf({ metadata: { ...registration.metadata, harness_version: '0.170.0' } }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(key).toMatch(uuidV4);
  });

  it('can be given', async () => {
    const idempotencyKey = 'cc6428f3-e0a0-4fa5-b726-6e3df51499f9';
    expect(await keyOf({ idempotencyKey })).toBe(idempotencyKey);
  });
});

describe('the response to registerRuntimeAgentInstance', () => {
  it('is the instance, its host and its actor; other members are ignored', async () => {
    const { instance } = await register([{ body: { extra: 1, ...body } }]);
    expect(await instance).toEqual({
      runtimeAgentInstanceId: 'rai-1',
      agentHostId: 'host-1',
      actor: chatgpt,
    });
  });

  it('may name an actor of another kind than the credential, and no project', async () => {
    const actor = { kind: 'platform', user_id: '', organization_id: 'org-1' };
    const { instance } = await register([{ body: { ...body, actor } }]);
    expect((await instance).actor).toEqual({ ...actor, project_id: null });
  });

  it.each([201, 202, 204])('does not succeed with status %i', async (status) => {
    const error = await failure({ status, body: status === 204 ? '' : body });
    expect(error).toMatchObject({ code: 'malformed_registration_response', status, attempts: 1 });
    expect(error.message).toContain('expected status 200');
  });

  it.each([
    ['that is not JSON', 'rai-1'],
    ['that is empty', ''],
    ['without an instance id', { ...body, runtime_agent_instance_id: undefined }],
    ['with an empty instance id', { ...body, runtime_agent_instance_id: '' }],
    [
      'with an instance id too long for an assertion',
      { ...body, runtime_agent_instance_id: 'x'.repeat(5925) },
    ],
    ['without a host id', { ...body, agent_host_id: undefined }],
    ['with an empty host id', { ...body, agent_host_id: '' }],
    ['without an actor', { ...body, actor: undefined }],
    ['with an actor of another kind', { ...body, actor: { ...chatgpt, kind: 'service' } }],
    ['with an account id that no header can hold', { ...body, actor: { ...chatgpt, account_id: 'a\r\nb' } }],
    ['with an empty account id', { ...body, actor: { ...chatgpt, account_id: '' } }],
  ])('%s is a final error', async (_form, wrong) => {
    expect(await failure({ body: wrong })).toMatchObject({
      code: 'malformed_registration_response',
      operation: 'instance_registration',
      status: 200,
      attempts: 1,
      retryable: false,
    });
  });

  it('accepts the longest instance id that fits into an assertion', async () => {
    const { instance } = await register([{ body: { ...body, runtime_agent_instance_id: 'x'.repeat(5924) } }]);
    expect((await instance).runtimeAgentInstanceId).toHaveLength(5924);
  });

  it('must name the organization that was selected', async () => {
    const selected = { type: 'platform_api_key', credential: 'sk-1', organization_id: 'org-1' } as const;
    const { instance } = await register([{ body: { ...body, actor: platform } }], { actorAuth: selected });
    expect((await instance).actor).toEqual(platform);
    for (const actor of [{ ...platform, organization_id: 'org-2' }, chatgpt]) {
      const other = await register([{ body: { ...body, actor } }], { actorAuth: selected });
      const error = await failureOf(other.instance);
      expect(error.code).toBe('malformed_registration_response');
      expect(error.message).toContain('expected an actor of the organization that was selected');
    }
  });
});

describe('a refusal of registerRuntimeAgentInstance', () => {
  const refusal = (status: number, code: string) => ({ status, body: { error: { code, message: 'm' } } });

  it.each([400, 402, 404, 409, 410, 413, 422])(
    'with status %i is final after one attempt',
    async (status) => {
      expect(await failure({ status })).toMatchObject({
        code: 'registration_refused',
        operation: 'instance_registration',
        status,
        attempts: 1,
        retryable: false,
      });
    },
  );

  it('with status 403 is final with any body', async () => {
    const error = await failure(refusal(403, 'runtime_rate_limited'));
    expect(error).toMatchObject({ code: 'registration_refused', status: 403, attempts: 1, retryable: false });
  });

  it('with status 401 has a code of its own, is final, and does not blame the clock', async () => {
    const headers = { date: 'Thu, 23 Apr 2020 00:00:00 GMT' };
    const error = await failure({ ...refusal(401, 'runtime_actor_invalid'), headers });
    expect(error).toMatchObject({
      code: 'registration_unauthorized',
      status: 401,
      attempts: 1,
      retryable: false,
    });
    expect(error.message).toBe(
      'instance registration failed after 1 attempt: the server answered 401 (runtime_actor_invalid: m)',
    );
  });

  it.each([
    'runtime_actor_invalid',
    'runtime_actor_source_inactive',
    'runtime_actor_conflict',
    'runtime_host_conflict',
    'runtime_registration_conflict',
    'runtime_instance_revoked',
    'runtime_input_invalid',
    'runtime_input_too_large',
    'runtime_idempotency_key_invalid',
    'runtime_rate_limited',
    'runtime_verification_unavailable',
  ] as const)('tells the runtimeErrorCode %s', async (code) => {
    expect((await failure(refusal(400, code))).runtimeErrorCode).toBe(code);
  });

  it.each([
    refusal(400, 'assertion_invalid'),
    { status: 400 },
    { status: 400, body: 'runtime_actor_invalid' },
  ])('has no runtimeErrorCode for %j', async (reply) => {
    expect((await failure(reply)).runtimeErrorCode).toBeUndefined();
  });

  it.each([301, 307, 308])(
    'with the redirect %i is final, and the credential goes nowhere else',
    async (status) => {
      const target = await authapiServer(success);
      const error = await failure({ status, headers: { location: `${target.baseUrl}/agent/register` } });
      expect(error).toMatchObject({ code: 'registration_redirected', status, attempts: 1 });
      expect(target.requests).toHaveLength(0);
    },
  );
});

describe('an unavailable server', () => {
  it.each([429, 500, 502, 503, 504])('that answers %i is tried three times', async (status) => {
    const { instance, requests } = await register([{ status }]);
    expect(await failureOf(instance)).toMatchObject({
      code: 'registration_unavailable',
      status,
      attempts: 3,
      retryable: true,
    });
    expect(requests).toHaveLength(3);
  });

  it('is given time: back-off with jitter, on top of Retry-After', async () => {
    const waits: number[] = [];
    const retryLater = { status: 503, headers: { 'retry-after': '7' } };
    const { instance } = await register(
      [retryLater, { status: 503 }, success],
      {},
      recordingEffects({}, waits),
    );
    await instance;
    expect(waits).toEqual([7250, 500]);
  });

  it('that asks for more than 30 seconds is not tried again', async () => {
    const error = await failure({ status: 429, headers: { 'retry-after': '31' } });
    expect(error).toMatchObject({ code: 'registration_unavailable', attempts: 1, retryAfterSeconds: 31 });
  });

  it('that breaks the connection is tried again with the same Idempotency-Key', async () => {
    const { instance, requests } = await register([(response) => response.destroy(), success]);
    await instance;
    expect(requests).toHaveLength(2);
    expect(requests[0]?.headers['idempotency-key']).toBe(requests[1]?.headers['idempotency-key']);
  });

  it('that refuses connections is registration_connection_failed', async () => {
    const { instance } = await register([], { baseUrl: await closedOrigin() });
    expect(await failureOf(instance)).toMatchObject({ code: 'registration_connection_failed', attempts: 3 });
  });

  it('that does not answer is registration_timed_out', async () => {
    const { instance } = await register([() => {}], { timeoutSeconds: 0.05 });
    expect(await failureOf(instance)).toMatchObject({ code: 'registration_timed_out', attempts: 3 });
  });

  it('is not waited for after the caller aborts', async () => {
    const controller = new AbortController();
    const effects = recordingEffects({ signal: controller.signal, sleep: () => new Promise(() => {}) });
    const { instance } = await register([{ status: 503 }], {}, effects);
    const reason = new Error('no longer needed');
    controller.abort(reason);
    await expect(instance).rejects.toBe(reason);
  });
});

describe('registerRuntimeAgentInstance refuses before any request', () => {
  const agentIdentityJwt = unsignedJwt({ agent_private_key: 'MC4CAQAwBQYDK2VwBCIEIA' });

  it.each<[string, object]>([
    ['invalid_argument', { actorAuth: { type: 'oauth', credential: '' } }],
    ['invalid_argument', { actorAuth: { type: 'oauth', credential: 'top-secret\n' } }],
    ['invalid_argument', { actorAuth: { type: 'oauth', credential: 'top-secret é' } }],
    ['invalid_argument', { actorAuth: { type: 'oauth' } }],
    ['invalid_argument', { actorAuth: { type: 'agent_identity', credential: 'top-secret' } }],
    ['invalid_argument', { actorAuth: { type: 'toString', credential: 'top-secret' } }],
    ['invalid_argument', { actorAuth: { credential: 'top-secret' } }],
    [
      'invalid_argument',
      { actorAuth: { type: 'oauth', credential: 'top-secret', organization_id: 'org-1' } },
    ],
    ['invalid_argument', { actorAuth: { type: 'personal_access_token', credential: 'x', project_id: 'p' } }],
    ['invalid_argument', { actorAuth: { type: 'platform_api_key', credential: 'x', organization_id: '' } }],
    ['invalid_argument', { actorAuth: { type: 'oauth', credential: agentIdentityJwt } }],
    ['invalid_argument', { actorAuth: 'top-secret' }],
    ['invalid_argument', { actorAuth: undefined }],
    ['invalid_argument', { installationId: 'C77B29AF-1F5F-4E5C-A007-978C11D359E1' }],
    ['invalid_argument', { installationId: '' }],
    ['invalid_argument', { agentKey: agentKey.toPkcs8Base64() }],
    ['invalid_argument', { agentKey: { sign: () => new Uint8Array(64) } }],
    ['invalid_argument', { metadata: { harness: 'codex', harness_version: '1' } }],
    ['invalid_argument', { metadata: undefined }],
    ['invalid_argument', { idempotencyKey: 'x' }],
    ['invalid_argument', { idempotencyKey: 'CC6428F3-E0A0-4FA5-B726-6E3DF51499F9' }],
    ['invalid_argument', { userAgent: 'a\r\nb' }],
    ['invalid_argument', { timeoutSeconds: 0 }],
    ['invalid_argument', { timeoutSecond: 5 }],
    ['insecure_url', { baseUrl: 'http://authority.example.test' }],
    ['insecure_url', { baseUrl: undefined }],
    ['invalid_base_url', { baseUrl: 'https://authority.example.test/?x' }],
  ])('%s: %j', async (code, wrong) => {
    const { instance, requests } = await register([success], wrong);
    const error = await thrownBy(() => instance);
    expect(error.code).toBe(code);
    expect(printedForms(error)).not.toMatch(/top-secret|MC4CAQAw|bGVhaw/);
    expect(requests).toHaveLength(0);
  });
});

describe('the credential', () => {
  const forms = [
    credential,
    JSON.stringify(credential).slice(1, -1),
    credential.replaceAll('/', '\\/'),
    encodeURIComponent(credential),
  ];
  const expectNothingPrinted = (error: unknown) => {
    const printed = printedForms(error);
    for (const form of forms) expect(printed).not.toContain(form);
  };

  it('is in no form of an error, also if the server returns it', async () => {
    const echo = forms.join(' ');
    for (const status of [200, 201, 302, 400, 401, 403, 409, 429, 500]) {
      const json = { error: { code: echo, message: echo, type: echo } };
      for (const reply of [
        { status, body: json },
        { status, body: `<html>${echo}` },
      ]) {
        expectNothingPrinted(await failure(reply));
      }
    }
  });

  it('is in no form of an error, also if a fetch throws it with the request', async () => {
    const fetch: HttpEffects['fetch'] = async (_url, init) => {
      throw Object.assign(new Error(`failed: ${init?.body}`), {
        request: init,
        cause: { message: credential },
      });
    };
    const { instance } = await register([], {}, recordingEffects({ fetch }));
    expectNothingPrinted(await failureOf(instance));
  });

  it('is not in the instance', async () => {
    const { instance } = await register();
    expectNothingPrinted(await instance);
  });
});
