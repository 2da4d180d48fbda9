import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryAuthStore } from 'chatgpt-auth';
import { openCodexLogin } from 'chatgpt-auth/node';
import {
  createRunScope,
  defineProvider,
  loadAuth,
  providerFetch,
  type RunEvent,
  resolveProviderAuth,
} from 'provider-auth';
import { type Answer, deferred, loopbackServer, temporaryFolder, thrownBy, unsignedJwt } from 'test-support';
import { describe, expect, it } from 'vitest';
import { accessToken, chatgptLogin } from '../support/chatgpt-login.js';
import { now } from '../support/first-party.js';
import {
  actorAuthOf,
  chatgptActor,
  instanceOf,
  instanceServers,
  refusal,
} from '../support/instance-servers.js';
import { stillEffects } from '../support/start-run.js';

const day = 86_400_000;
const newToken = (name: string) => unsignedJwt({ jti: name, exp: (now + 20 * day) / 1000 });

/** A ChatGPT login with the policy, and a token endpoint that hands out consecutive tokens. */
async function signedIn({
  clock = () => now,
  mode = 'dual_header' as 'dual_header' | 'assertion_only',
} = {}) {
  const servers = await instanceServers();
  servers.state.actor = chatgptActor;
  let refreshes = 0;
  const state: { answerRefresh: Answer } = {
    answerRefresh: () => {
      refreshes += 1;
      return { body: { access_token: newToken(`refreshed-${refreshes}`) } };
    },
  };
  const tokenServer = await loopbackServer((request, response) => state.answerRefresh(request, response));
  const store = memoryAuthStore(chatgptLogin());
  const events: RunEvent[] = [];
  const observers = [{ onEvent: (event: RunEvent) => void events.push(event) }];
  const scope = createRunScope({ observers }, { ...stillEffects, clock, monotonicClock: clock });
  const auth = await loadAuth({
    store,
    tokenUrl: `${tokenServer.origin}/oauth/token`,
    runtimeAgentInstances: servers.options({ mode }),
    scope,
  });
  const { baseUrl } = servers.provider;
  const fetch = providerFetch(auth, { kind: 'first_party', baseUrl });
  return {
    servers,
    auth,
    events,
    state,
    tokenServer,
    get: () => fetch(baseUrl),
    registeredTokens: () =>
      servers.registry.requests.map((each) => (actorAuthOf(each) as { credential: string }).credential),
  };
}

describe.each(['dual_header', 'assertion_only'] as const)('an access token in the mode %s', (mode) => {
  it('that changes registers another key, idempotency key and instance before the next request', async () => {
    let time = now;
    const { servers, get, registeredTokens, events } = await signedIn({ clock: () => time, mode });
    await get();
    time += 10 * day;
    servers.state.serverNow = time;
    const responses = await Promise.all(Array.from({ length: 20 }, get));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(registeredTokens()).toEqual([accessToken, newToken('refreshed-1')]);
    const [first, second] = servers.registry.requests;
    expect(second?.headers['idempotency-key']).not.toBe(first?.headers['idempotency-key']);
    expect(JSON.parse(second?.body ?? '').public_key).not.toBe(JSON.parse(first?.body ?? '').public_key);
    expect(servers.provider.requests.map(instanceOf)).toEqual([
      'instance-1',
      ...Array.from({ length: 20 }, () => 'instance-2'),
    ]);
    const replaced = { runtimeAgentInstanceId: 'instance-2', replacedInstanceId: 'instance-1' };
    expect(events).toEqual([{ type: 'instance_replaced', generation: 2, ...replaced }]);
  });

  it('that a provider refuses is refreshed, registered, and the request retried once', async () => {
    const { servers, get, registeredTokens, tokenServer } = await signedIn({ mode });
    servers.state.refused.set('instance-1', { status: 401, code: 'runtime_actor_source_inactive' });
    expect((await get()).status).toBe(200);
    expect(servers.provider.requests.map(instanceOf)).toEqual(['instance-1', 'instance-2']);
    expect(registeredTokens()).toEqual([accessToken, newToken('refreshed-1')]);
    expect(tokenServer.requests).toHaveLength(1);
  });
});

it('a request is not retried if no instance can be registered for the refreshed token', async () => {
  const { servers, get } = await signedIn();
  servers.state.refused.set('instance-1', { status: 401, code: 'other' });
  await get().then(() => servers.state.refused.clear());
  servers.state.answerRegistration = () => refusal(500, 'runtime_verification_unavailable');
  servers.state.refused.set('instance-2', { status: 401, code: 'other' });
  expect(await thrownBy(get)).toMatchObject({ code: 'registration_unavailable' });
  const sent = servers.provider.requests.length;
  expect(await thrownBy(get)).toMatchObject({ code: 'registration_unavailable' });
  expect(servers.provider.requests).toHaveLength(sent);
});

it('a request that waits for the instance of an old token is sent with the new token and its instance', async () => {
  let time = now;
  const { servers, auth, get, registeredTokens } = await signedIn({ clock: () => time });
  const baseUrl = `${servers.provider.baseUrl}/models`;
  const getModels = providerFetch(auth, { kind: 'first_party', baseUrl });
  await Promise.all([get(), getModels(baseUrl)]);
  const gate = deferred<void>();
  servers.state.answerRegistration = async (request) => {
    servers.state.answerRegistration = undefined;
    await gate.promise;
    return servers.register(request);
  };
  time += 10 * day;
  const waiting = get();
  await servers.registry.requested(2);
  time = now + 20 * day - 60_000; // A minute before the token in flight expires.
  servers.state.serverNow = time;
  expect((await getModels(baseUrl)).status).toBe(200);
  gate.resolve();
  expect((await waiting).status).toBe(200);
  const tokens = ['refreshed-1', 'refreshed-2'].map(newToken);
  expect(registeredTokens()).toEqual([accessToken, ...tokens]);
  const bearers = servers.provider.requests.slice(2).map(({ headers }) => headers['authorization']);
  expect(bearers).toEqual([`Bearer ${tokens[1]}`, `Bearer ${tokens[1]}`]);
});

it('a resolved provider gives no credentials after a registration that failed', async () => {
  let time = now;
  const { servers, auth } = await signedIn({ clock: () => time });
  const { baseUrl } = servers.provider;
  const provider = defineProvider({ kind: 'first_party', baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  time += 10 * day;
  servers.state.answerRegistration = () => refusal(400, 'runtime_input_invalid');
  expect((await thrownBy(() => resolved.prepare())).code).toBe('registration_refused');
  for (const use of [
    () => resolved.headers(),
    () => resolved.credentialsFor(baseUrl),
    () => resolved.webSocketHeaders(baseUrl),
  ]) {
    expect(thrownBy(use).code).toBe('registration_refused');
  }
  servers.state.answerRegistration = undefined;
  await resolved.prepare();
  expect(resolved.actingInstance?.runtimeAgentInstanceId).toBe('instance-2');
  expect(resolved.headers()['Authorization']).toBe(`Bearer ${newToken('refreshed-1')}`);
});

describe('status 401 at the registration', () => {
  it('gets another token, and a registration with a new key', async () => {
    const { servers, get, registeredTokens, tokenServer } = await signedIn();
    servers.state.answerRegistration = () => {
      servers.state.answerRegistration = undefined;
      return refusal(401, 'runtime_actor_invalid');
    };
    const responses = await Promise.all(Array.from({ length: 20 }, get));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(registeredTokens()).toEqual([accessToken, newToken('refreshed-1')]);
    expect(tokenServer.requests).toHaveLength(1);
    const keys = servers.registry.requests.map(({ body }) => JSON.parse(body).public_key);
    expect(new Set(keys).size).toBe(2);
  });

  it('that repeats is given up after one refresh, for good', async () => {
    const { servers, get, registeredTokens, tokenServer } = await signedIn();
    servers.state.answerRegistration = () => refusal(401, 'runtime_actor_invalid');
    const all = await Promise.all(Array.from({ length: 20 }, () => thrownBy(get)));
    expect(new Set(all.map(({ code }) => code))).toEqual(new Set(['registration_unauthorized']));
    expect((await thrownBy(get)).code).toBe('registration_unauthorized');
    expect(registeredTokens()).toEqual([accessToken, newToken('refreshed-1')]);
    expect(tokenServer.requests).toHaveLength(1);
    expect(servers.provider.requests).toEqual([]);
  });

  it('ends with the error of the login if the refresh is refused', async () => {
    const { servers, get, state } = await signedIn();
    servers.state.answerRegistration = () => refusal(401, 'runtime_actor_invalid');
    state.answerRefresh = () => ({ status: 401, body: { error: { code: 'refresh_token_reused' } } });
    expect((await thrownBy(get)).code).toBe('token_refresh_rejected');
    expect(servers.registry.requests).toHaveLength(1);
    expect(servers.provider.requests).toEqual([]);
  });
});

it('status 403 at the registration is final, without a refresh', async () => {
  const { servers, get, tokenServer } = await signedIn();
  servers.state.answerRegistration = () => refusal(403, 'runtime_actor_source_inactive');
  const first = await thrownBy(get);
  expect(await thrownBy(get)).toBe(first);
  expect(servers.registry.requests).toHaveLength(1);
  expect([...tokenServer.requests, ...servers.provider.requests]).toEqual([]);
});

it('a revoked instance is not registered again, and another token gets another instance', async () => {
  let time = now;
  const { servers, get, tokenServer } = await signedIn({ clock: () => time });
  servers.state.refused.set('instance-1', { status: 401, code: 'runtime_instance_revoked' });
  expect((await get()).status).toBe(401);
  expect((await thrownBy(get)).code).toBe('runtime_instance_revoked');
  expect([servers.registry.requests.length, tokenServer.requests.length]).toEqual([1, 0]);
  time += 10 * day;
  servers.state.serverNow = time;
  expect((await get()).status).toBe(200);
  expect(servers.provider.requests.map(instanceOf)).toEqual(['instance-1', 'instance-2']);
});

describe('the login of the published client', () => {
  async function home(config: string) {
    const codexHome = await temporaryFolder();
    await writeFile(join(codexHome, 'auth.json'), chatgptLogin(), { mode: 0o600 });
    await writeFile(join(codexHome, 'config.toml'), config);
    return { codexHome, env: {} };
  }

  it('turns the policy on by config.toml, with the mode and the installation id of its folder', async () => {
    const options = await home(
      '[features.runtime_agent_instances]\nenabled = true\nmode = "assertion_only"\n',
    );
    const sent: Request[] = [];
    const fetch: typeof globalThis.fetch = async (input, init) => {
      sent.push(new Request(input, init));
      const body = { runtime_agent_instance_id: 'instance-1', agent_host_id: 'host-1', actor: chatgptActor };
      return Response.json(body);
    };
    const login = await openCodexLogin(options);
    const auth = await loadAuth({ login }, { ...stillEffects, fetch });
    const baseUrl = 'https://chatgpt.com/backend-api/codex';
    await providerFetch(auth, { kind: 'first_party', baseUrl }, { fetch })(`${baseUrl}/responses`);
    expect(sent.map(({ url }) => url)).toEqual([
      'https://auth.openai.com/agent/register',
      `${baseUrl}/responses`,
    ]);
    const id = await readFile(join(options.codexHome, 'installation_id'), 'utf8');
    expect(await sent[0]?.json()).toMatchObject({ agent_host_auth: { installation_id: id } });
    expect(sent[1]?.headers.get('authorization')).toMatch(/^AgentAssertion 1\./);
  });

  it('keeps the policy off without a setting, and creates no installation id', async () => {
    const options = await home('');
    const login = await openCodexLogin(options);
    expect(login.runtimeAgentInstances).toMatchObject({ enabled: false, mode: 'dual_header' });
    const provider = await loopbackServer(() => ({}));
    const auth = await loadAuth({ login }, stillEffects);
    await providerFetch(auth, { kind: 'first_party', baseUrl: provider.origin })(provider.origin);
    expect(provider.requests.map(({ headers }) => headers['authorization'])).toEqual([
      `Bearer ${accessToken}`,
    ]);
    const missing = readFile(join(options.codexHome, 'installation_id'));
    await expect(missing).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('takes the caller’s options in place of the configuration', async () => {
    const login = await openCodexLogin(await home('[features]\nruntime_agent_instances = true\n'));
    const servers = await instanceServers();
    const runtimeAgentInstances = servers.options({ mode: 'assertion_only' });
    const auth = await loadAuth({ login, runtimeAgentInstances }, stillEffects);
    const { baseUrl } = servers.provider;
    expect((await providerFetch(auth, { kind: 'first_party', baseUrl })(baseUrl)).status).toBe(200);
    expect(servers.provider.requests[0]?.headers).not.toHaveProperty('x-openai-agent-assertion');
  });
});
