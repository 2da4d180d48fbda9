import { parseInstanceAssertion } from 'agent-identity-core';
import { memoryAuthStore } from 'chatgpt-auth';
import {
  createRunScope,
  type LoadAuthOptions,
  loadAuth,
  providerFetch,
  type RunEvent,
  type RunOperation,
} from 'provider-auth';
import { loopbackServer, printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { accessToken, chatgptLogin } from '../support/chatgpt-login.js';
import { firstParty } from '../support/first-party.js';
import {
  actorAuthOf,
  assertionOf,
  chatgptActor,
  installationId,
  instanceOf,
  instanceServers,
  refusal,
} from '../support/instance-servers.js';
import { whoamiAccount } from '../support/no-network.js';
import { stillEffects } from '../support/start-run.js';

const apiKey = 'sk-test';
const modes = ['dual_header', 'assertion_only'] as const;

/** A session with the policy, and a `fetch` for the provider. Nothing is registered yet. */
async function session(
  options: LoadAuthOptions = { apiKey },
  more: Parameters<Awaited<ReturnType<typeof instanceServers>>['options']>[0] = {},
) {
  const servers = await instanceServers();
  const events: RunEvent[] = [];
  const operations: RunOperation[] = [];
  const observer = {
    onEvent: (event: RunEvent) => void events.push(event),
    onOperation(operation: RunOperation) {
      operations.push(operation);
      return undefined;
    },
  };
  const scope = createRunScope({ observers: [observer] }, stillEffects);
  const runtimeAgentInstances = servers.options(more);
  const auth = await loadAuth({ ...options, runtimeAgentInstances, scope });
  const { baseUrl } = servers.provider;
  const fetch = providerFetch(auth, { kind: 'first_party', baseUrl });
  const post = (body = '{}') => fetch(`${baseUrl}/responses`, { method: 'POST', body });
  return { servers, auth, scope, events, operations, fetch, post, baseUrl };
}

/** Each kind of credential: how it is given, how it registers, and the headers that go beside the assertion. */
async function credentialKinds() {
  const whoami = await loopbackServer(() => ({ body: whoamiAccount }));
  return [
    { options: { apiKey }, actorAuth: { type: 'platform_api_key', credential: apiKey }, bearer: apiKey },
    {
      options: { personalAccessToken: 'at-1', whoamiBaseUrl: `${whoami.origin}/api/accounts` },
      actorAuth: { type: 'personal_access_token', credential: 'at-1' },
      bearer: 'at-1',
    },
    {
      options: { store: memoryAuthStore(chatgptLogin()) },
      actorAuth: { type: 'oauth', credential: accessToken },
      bearer: accessToken,
    },
  ];
}

describe.each(modes)('in the mode %s', (mode) => {
  it('every kind of credential registers itself once, and signs each request anew', async () => {
    for (const { options, actorAuth, bearer } of await credentialKinds()) {
      const { servers, post } = await session(options, { mode });
      servers.state.actor = chatgptActor;
      expect(servers.registry.requests).toEqual([]);
      expect([(await post()).status, (await post()).status]).toEqual([200, 200]);

      expect(servers.registry.requests.map(({ path }) => path)).toEqual(['/agent/register']);
      const [registration] = servers.registry.requests;
      expect(actorAuthOf(registration as never)).toEqual(actorAuth);
      expect(registration?.headers).not.toHaveProperty('authorization');
      expect(JSON.parse(registration?.body ?? '')).toMatchObject({
        agent_host_auth: { type: 'installation_id', installation_id: installationId },
        metadata: { harness: 'agent-identity-ts', role: 'orchestrator' },
      });
      const ids = servers.provider.requests.map((each) => parseInstanceAssertion(assertionOf(each)).id);
      expect(new Set(ids).size).toBe(2);
      for (const { headers } of servers.provider.requests) {
        expect(headers['chatgpt-account-id']).toBe('account-of-actor');
        expect('x-openai-agent-assertion' in headers).toBe(mode === 'dual_header');
        const own = expect.stringMatching(/^AgentAssertion 1\./);
        expect(headers['authorization']).toEqual(mode === 'dual_header' ? `Bearer ${bearer}` : own);
        expect(JSON.stringify(headers).includes(bearer)).toBe(mode === 'dual_header');
      }
    }
  });

  it('a platform actor has no account header, also for a ChatGPT login', async () => {
    const { servers, post } = await session({ store: memoryAuthStore(chatgptLogin()) }, { mode });
    await post();
    expect(servers.provider.requests).toHaveLength(1);
    expect(servers.provider.requests[0]?.headers).not.toHaveProperty('chatgpt-account-id');
  });

  it('an organization and a project are registered and sent', async () => {
    const more = { mode, organizationId: 'org-1', projectId: 'proj-1' };
    const { servers, post } = await session({ apiKey }, more);
    await post();
    expect(servers.registry.requests.map(actorAuthOf)).toEqual([
      { type: 'platform_api_key', credential: apiKey, organization_id: 'org-1', project_id: 'proj-1' },
    ]);
    expect(servers.provider.requests[0]?.headers).toMatchObject({
      'openai-organization': 'org-1',
      'openai-project': 'proj-1',
    });
  });

  it('the caller’s own credential headers are replaced', async () => {
    const { servers, fetch, baseUrl } = await session({ apiKey }, { mode });
    const headers = { 'x-openai-agent-assertion': 'own', 'ChatGPT-Account-ID': 'own', 'api-key': 'own' };
    await fetch(baseUrl, { headers: { ...headers, Authorization: 'own' } });
    expect(JSON.stringify(servers.provider.requests[0]?.headers)).not.toContain('"own"');
  });

  it.each([400, 401, 403, 409, 422, 500, 503, 201])(
    'nothing is sent if the registration gets status %i',
    async (status) => {
      const { servers, post } = await session({ apiKey }, { mode });
      servers.state.answerRegistration = () => refusal(status, 'runtime_actor_invalid');
      expect(await thrownBy(() => post())).toMatchObject({ operation: 'instance_registration', status });
      expect(servers.provider.requests).toEqual([]);
    },
  );
});

it('200 concurrent requests of two providers and two sessions make one registration', async () => {
  const { servers, auth, scope, baseUrl } = await session();
  const other = await loadAuth({ apiKey, runtimeAgentInstances: servers.options() }, stillEffects);
  expect(other).not.toBe(auth);
  const fetches = [auth, other].flatMap((each) =>
    ['responses', 'models'].map((path) => {
      const own = providerFetch(each, { kind: 'first_party', baseUrl: `${baseUrl}/${path}` });
      return () => own(`${baseUrl}/${path}`);
    }),
  );
  const all = Array.from({ length: 200 }, (_, index) => fetches[index % fetches.length]?.());
  const responses = await Promise.all(all);
  expect(new Set(responses.map((response) => response?.status))).toEqual(new Set([200]));
  expect(servers.registry.requests).toHaveLength(1);
  const ids = servers.provider.requests.map((each) => parseInstanceAssertion(assertionOf(each)).id);
  expect(new Set(ids).size).toBe(200);
  expect(scope.isBearerFallbackEngaged).toBe(false);
});

it('two keys have an instance each', async () => {
  const { servers, baseUrl, post } = await session();
  const runtimeAgentInstances = servers.options();
  const auth = await loadAuth({ apiKey: 'sk-other', runtimeAgentInstances }, stillEffects);
  await Promise.all([post(), providerFetch(auth, { kind: 'first_party', baseUrl })(baseUrl)]);
  expect(servers.registry.requests).toHaveLength(2);
  expect(new Set(servers.provider.requests.map(instanceOf))).toEqual(new Set(servers.instanceIds));
});

it('a failed registration is repeated by the next request with the same key and body', async () => {
  const { servers, post } = await session();
  servers.state.answerRegistration = () => refusal(409, 'runtime_registration_conflict');
  expect(await thrownBy(() => post())).toMatchObject({ runtimeErrorCode: 'runtime_registration_conflict' });
  servers.state.answerRegistration = undefined;
  expect((await post()).status).toBe(200);
  const sent = servers.registry.requests.map(({ headers, body }) => [headers['idempotency-key'], body]);
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
});

it.each([401, 403])('status %i at the registration is final for an API key', async (status) => {
  const { servers, post } = await session();
  servers.state.answerRegistration = () => refusal(status, 'runtime_actor_invalid');
  const first = await thrownBy(() => post());
  servers.state.answerRegistration = undefined;
  expect(await thrownBy(() => post())).toBe(first);
  expect(servers.registry.requests).toHaveLength(1);
  expect(servers.provider.requests).toEqual([]);
});

describe.each(['runtime_instance_revoked', 'runtime_assertion_invalid'] as const)('%s', (code) => {
  it.each([401, 403])('with status %i ends the instance, and nothing more is sent', async (status) => {
    const { servers, auth, post, events, baseUrl } = await session();
    await post();
    const [instanceId = ''] = servers.instanceIds;
    servers.state.refused.set(instanceId, { status, code });
    const refused = await post();
    expect([refused.status, await refused.json()]).toEqual([status, refusal(status, code).body]);
    expect(await thrownBy(() => post())).toMatchObject({ code });
    const again = providerFetch(auth, { kind: 'first_party', baseUrl: `${baseUrl}/models` });
    expect(await thrownBy(() => again(`${baseUrl}/models`))).toMatchObject({ code });
    expect(servers.registry.requests).toHaveLength(1);
    expect(servers.provider.requests).toHaveLength(2);
    expect(events).toEqual([
      { type: 'instance_ended', generation: 2, runtimeAgentInstanceId: instanceId, code },
    ]);
  });

  it.each<[string, number, unknown]>([
    ['with status 404', 404, { error: { code } }],
    ['at the top level', 401, { code }],
    ['in detail.code', 401, { detail: { code } }],
    ['in error.type', 401, { error: { type: code } }],
    ['as error', 403, { error: code }],
  ])('%s is an ordinary response', async (_, status, body) => {
    const { servers, post } = await session();
    servers.state.answerRequest = () => ({ status, body });
    expect((await post()).status).toBe(status);
    servers.state.answerRequest = () => ({});
    expect((await post()).status).toBe(200);
    expect(servers.registry.requests).toHaveLength(1);
  });
});

it('a clock that is off is corrected, and the request is signed again', async () => {
  const { servers, post, events } = await session();
  servers.state.serverNow = stillEffects.clock?.() ?? 0;
  servers.state.serverNow += 3_600_000;
  expect((await post('{"a":1}')).status).toBe(200);
  expect(servers.provider.requests.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
  expect(events).toEqual([{ type: 'clock_offset_learned', offsetSeconds: 3600, server: 'provider' }]);
});

describe('a redirect', () => {
  it('inside the provider is signed, and one to another host gets no credentials', async () => {
    const { servers, fetch, baseUrl } = await session();
    const other = await loopbackServer(() => ({ body: 'elsewhere' }));
    servers.state.answerRequest = ({ path }) =>
      path === '/v1/a'
        ? { status: 307, headers: { location: '/v1/b' } }
        : { status: 307, headers: { location: `${other.origin}/v1/c` } };
    const response = await fetch(`${baseUrl}/a`, { headers: { cookie: 'session=1' } });
    expect(await response.text()).toBe('elsewhere');
    expect(servers.provider.requests.map(({ path }) => path)).toEqual(['/v1/a', '/v1/b']);
    const [{ headers } = { headers: {} }] = other.requests;
    for (const name of ['authorization', 'x-openai-agent-assertion', 'chatgpt-account-id', 'cookie']) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(other.requests).toHaveLength(1);
  });
});

describe('on a host that is neither of OpenAI nor named', () => {
  it.each(modes)('an API key is sent as without the policy, in the mode %s', async (mode) => {
    const { servers, post } = await session({ apiKey }, { mode, hosts: [] });
    const provider = servers.provider;
    expect((await post()).status).toBe(403); // This provider wants an assertion.
    expect(provider.requests.map(({ headers }) => headers['authorization'])).toEqual([`Bearer ${apiKey}`]);
    expect(provider.requests[0]?.headers).not.toHaveProperty('x-openai-agent-assertion');
    expect(servers.registry.requests).toEqual([]);
  });

  it('the first generation signs, beside the second on a named host of the same session', async () => {
    const world = await firstParty();
    const servers = await instanceServers();
    servers.state.actor = chatgptActor;
    let tasks = 0;
    world.state.answerRegistration = ({ path }) => {
      if (path.endsWith('/v1/agent/register')) return { body: { agent_runtime_id: 'agent-1' } };
      tasks += 1;
      return { body: { task_id: `task-${tasks}` } };
    };
    const auth = await loadAuth(
      {
        store: memoryAuthStore(chatgptLogin({}, 'account-of-both')),
        policy: 'chatgpt-auth',
        authapiBaseUrl: world.authapi.authapiBaseUrl,
        runtimeAgentInstances: servers.options(),
      },
      stillEffects,
    );
    const first = world.provider.baseUrl.replace('127.0.0.1', 'localhost');
    const second = servers.provider.baseUrl;
    await providerFetch(auth, { kind: 'first_party', baseUrl: second })(second);
    expect(world.authapi.requests).toEqual([]); // The second generation needs nothing of the first.
    await providerFetch(auth, { kind: 'first_party', baseUrl: first })(first);
    expect(world.authapi.requests.map(({ path }) => path.split('/').slice(-2).join('/'))).toEqual([
      'agent/register',
      'task/register',
    ]);
    const [ofFirst] = world.provider.requests;
    expect(ofFirst?.headers['authorization']).toMatch(/^AgentAssertion [\w-]+$/);
    expect(ofFirst?.headers).not.toHaveProperty('x-openai-agent-assertion');
    expect(servers.provider.requests.map(instanceOf)).toEqual(['instance-1']);
  });
});

it('an identity of the first generation cannot register, and works elsewhere', async () => {
  const world = await firstParty();
  const { authapiBaseUrl } = world.authapi;
  const { servers, post, auth, fetch } = await session({ record: world.record, authapiBaseUrl });
  expect(await thrownBy(() => post())).toMatchObject({ code: 'cannot_register_instance' });
  expect([...servers.registry.requests, ...servers.provider.requests]).toEqual([]);
  const elsewhere = world.provider.baseUrl.replace('127.0.0.1', 'localhost');
  const response = await providerFetch(auth, { kind: 'first_party', baseUrl: elsewhere })(elsewhere);
  expect(response.status).toBe(200);
  expect(await thrownBy(() => fetch(servers.provider.baseUrl))).toMatchObject({
    code: 'cannot_register_instance',
  });
});

it('an actor of a workspace that is not allowed gets no requests', async () => {
  const { servers, post } = await session({ apiKey, forcedWorkspaceIds: ['account-1'] });
  servers.state.actor = chatgptActor;
  expect(await thrownBy(() => post())).toMatchObject({ code: 'workspace_not_allowed' });
  expect(servers.provider.requests).toEqual([]);
});

it('observers and descriptions tell the instance and the generation, and no secret', async () => {
  const { servers, scope, auth, operations, post } = await session();
  await post();
  expect(operations).toEqual([{ name: 'instance_registration', generation: 2 }]);
  expect(printedForms([scope, auth, operations])).not.toContain(apiKey);
  servers.state.answerRegistration = () => ({ status: 400, body: { error: { message: apiKey } } });
  const other = await session({ apiKey: 'sk-marked' });
  other.servers.state.answerRegistration = ({ body }) => ({ status: 400, body });
  expect(printedForms(await thrownBy(() => other.post()))).not.toContain('sk-marked');
});
