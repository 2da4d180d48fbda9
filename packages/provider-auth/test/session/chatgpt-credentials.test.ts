import { link, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAgentAssertion } from 'agent-identity-core';
import { type AuthStore, memoryAuthStore } from 'chatgpt-auth';
import { openCodexLogin } from 'chatgpt-auth/node';
import {
  createRunScope,
  defineProvider,
  type LoadAuthOptions,
  loadAuth,
  providerFetch,
  type ResolvedProviderAuth,
  type RunEvent,
  resolveProviderAuth,
} from 'provider-auth';
import { type Answer, deferred, temporaryFolder, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { accessToken, chatgptLogin } from '../support/chatgpt-login.js';
import {
  accountId,
  clock,
  deletedRuntime,
  type FirstParty,
  firstParty,
  now,
  taskOf,
} from '../support/first-party.js';
import { stillEffects } from '../support/start-run.js';

let accounts = 0;

/** A ChatGPT login that may obtain an agent identity. Each has its own account, because unavailability is per account. */
async function login({ store, ...options }: Partial<LoadAuthOptions> = {}) {
  const world = await firstParty();
  accounts += 1;
  const events: RunEvent[] = [];
  const scope = createRunScope({ observers: [{ onEvent: (event) => events.push(event) }] }, stillEffects);
  const authapiBaseUrl = world.authapi.authapiBaseUrl;
  const ownStore = store ?? memoryAuthStore(chatgptLogin({}, `account-of-test-${accounts}`));
  const auth = await loadAuth({ store: ownStore, authapiBaseUrl, policy: 'chatgpt-auth', scope, ...options });
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  return {
    world,
    events,
    scope,
    auth,
    store: ownStore,
    resolve: () => resolveProviderAuth({ auth, provider }),
  };
}

/** Returns the time that a request made now is signed with. */
const timestampOf = (resolved: ResolvedProviderAuth) =>
  parseAgentAssertion(resolved.headers()['Authorization'] ?? '').timestamp;

/** Answers registrations of runtimes and tasks with consecutive ids. */
function registering({ state }: FirstParty): Answer {
  let tasks = 0;
  return ({ path }) => {
    if (path.endsWith('/v1/agent/register')) return { body: { agent_runtime_id: 'agent-1' } };
    tasks += 1;
    state.liveTasks.add(`task-${tasks}`);
    return { body: { task_id: `task-${tasks}` } };
  };
}

describe('if the agent identity of a ChatGPT login is unavailable', () => {
  it.each([429, 500, 503])(
    'the session uses its bearer token after three attempts with status %i, and observers learn it',
    async (status) => {
      const { world, events, scope, resolve } = await login();
      world.state.answerRegistration = () => ({ status });
      const resolved = await resolve();
      expect(resolved.headers()['Authorization']).toBe(`Bearer ${accessToken}`);
      expect(resolved.actingAgent).toBeUndefined();
      expect(world.authapi.requests).toHaveLength(3);
      expect(scope.isBearerFallbackEngaged).toBe(true);
      expect(events).toEqual([{ type: 'bearer_fallback_engaged', errorCode: 'agent_identity_unavailable' }]);
    },
  );

  it('the session keeps its bearer token, and another session tries again', async () => {
    let elapsed = 0;
    const world = await firstParty();
    const events: RunEvent[] = [];
    const scope = createRunScope(
      { observers: [{ onEvent: (event) => events.push(event) }] },
      { ...stillEffects, monotonicClock: () => elapsed },
    );
    const auth = await loadAuth({
      store: memoryAuthStore(chatgptLogin({}, 'account-that-recovers')),
      authapiBaseUrl: world.authapi.authapiBaseUrl,
      policy: 'chatgpt-auth',
      scope,
    });
    const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
    world.state.answerRegistration = () => ({ status: 503 });
    await Promise.all([1, 2, 3].map(() => resolveProviderAuth({ auth, provider })));
    world.state.answerRegistration = registering(world);
    elapsed += 2 * 3600 * 1000;
    const { credential } = (await resolveProviderAuth({ auth, provider })).describe();
    expect(credential).toBe('chatgpt_bearer');
    expect(world.authapi.requests).toHaveLength(3);
    expect(events).toHaveLength(1);

    const nextSession = createRunScope({}, { ...stillEffects, monotonicClock: () => elapsed });
    const next = await resolveProviderAuth({ auth, provider, scope: nextSession });
    expect(next.describe().credential).toBe('agent_assertion');
  });

  it('a provider with its own key registers nothing', async () => {
    const { world, auth } = await login();
    const provider = defineProvider({ kind: 'api_key', baseUrl: 'https://other.test', apiKey: 'k' });
    await resolveProviderAuth({ auth, provider });
    expect(world.authapi.requests).toEqual([]);
  });
});

it('a second login in a run that has fallen back registers nothing', async () => {
  const { world, scope, events, resolve } = await login();
  world.state.answerRegistration = () => ({ status: 503 });
  await resolve();
  const other = await login({ scope });
  other.world.state.answerRegistration = registering(other.world);
  expect((await other.resolve()).describe().credential).toBe('chatgpt_bearer');
  expect(other.world.authapi.requests).toEqual([]);
  expect(events).toHaveLength(1);
});

it.each([
  ['agent_runtime_deleted', deletedRuntime],
  ['invalid_agent_runtime_id', { status: 400, body: { error: { code: 'invalid_agent_runtime_id' } } }],
])(
  'a stored runtime that is gone (%s) ends the login in this run, and nothing more is sent',
  async (code, reply) => {
    const world = await firstParty();
    const store = memoryAuthStore(chatgptLogin({ agent_identity: world.record }));
    const { world: asked, scope, resolve } = await login({ store });
    asked.state.answerRegistration = () => reply;
    expect((await thrownBy(resolve)).code).toBe(code);
    expect((await thrownBy(resolve)).code).toBe(code);
    expect(asked.authapi.requests).toHaveLength(1);
    expect(scope.isBearerFallbackEngaged).toBe(false);
  },
);

it('a login in another run corrects the clock of that run only', async () => {
  const { world, auth, scope } = await login();
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  const answer = registering(world);
  world.state.serverNow = now + 3_600_000;
  world.state.answerRegistration = (request, response) =>
    world.authapi.requests.length === 1 ? { status: 401 } : answer(request, response);
  const other = createRunScope({}, stillEffects);
  const resolved = await resolveProviderAuth({ auth, provider, scope: other });
  expect([scope.clockOffsetSeconds, other.clockOffsetSeconds]).toEqual([0, 3600]);
  expect(timestampOf(resolved)).toBe('2026-04-23T01:00:00Z');
  const registration = JSON.parse(world.authapi.requests.at(-1)?.body ?? '');
  expect(registration.timestamp).toBe('2026-04-23T01:00:00Z');
});

it('a login stays the loaded one in another run, even if the store holds another', async () => {
  const store = memoryAuthStore(chatgptLogin({}, 'account-at-load'));
  const { world, auth } = await login({ store, policy: 'jwt-only' });
  store.replace(chatgptLogin({}, 'account-of-another-login'));
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider, scope: createRunScope({}, stillEffects) });
  expect(resolved.headers()['ChatGPT-Account-ID']).toBe('account-at-load');
});

describe('a final error is not hidden by the fallback', () => {
  it.each([400, 401, 403, 404])('status %i of the AuthAPI', async (status) => {
    const { world, scope, resolve } = await login();
    world.state.answerRegistration = () => ({ status });
    expect((await thrownBy(resolve)).code).toBe('registration_refused');
    expect(world.authapi.requests).toHaveLength(1);
    expect(scope.isBearerFallbackEngaged).toBe(false);
    world.state.answerRegistration = registering(world);
    expect((await resolve()).describe().credential).toBe('agent_assertion');
  });

  it('an unknown AuthAPI', async () => {
    const { resolve } = await login({ authapiBaseUrl: undefined, chatgptBaseUrl: 'https://chatgpt.test' });
    expect((await thrownBy(resolve)).code).toBe('unknown_chatgpt_base_url');
  });
});

it('a bootstrap that is refused while the clock is off is tried once more with the server’s time', async () => {
  const { world, events, scope, resolve } = await login();
  const answer = registering(world);
  world.state.serverNow = now + 3_600_000;
  world.state.answerRegistration = (request, response) =>
    world.authapi.requests.length === 1 ? { status: 401 } : answer(request, response);
  expect((await resolve()).describe().credential).toBe('agent_assertion');
  expect(scope.clockOffsetSeconds).toBe(3600);
  expect(events).toEqual([{ type: 'clock_offset_learned', offsetSeconds: 3600, server: 'authapi' }]);
});

it('concurrent resolutions bootstrap once, and an aborted one does not end it for the others', async () => {
  const { world, auth } = await login();
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  const answer = registering(world);
  const asked = deferred();
  const goOn = deferred();
  world.state.answerRegistration = async (request, response) => {
    asked.resolve();
    await goOn.promise;
    return answer(request, response);
  };
  const controller = new AbortController();
  const first = resolveProviderAuth({ auth, provider }, { signal: controller.signal });
  const others = [1, 2, 3].map(() => resolveProviderAuth({ auth, provider }));
  await asked.promise;
  controller.abort();
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  goOn.resolve();
  expect((await Promise.all(others)).map(({ actingAgent }) => actingAgent?.taskId)).toEqual([
    'task-1',
    'task-1',
    'task-1',
  ]);
  expect(world.authapi.requests.map(({ path }) => path.split('/').at(-2))).toEqual(['agent', 'task']);
});

it('a replacement task is saved in the record beside the login, and nothing else changes', async () => {
  const world = await firstParty();
  const record = { ...world.record, task_id: 'task-stored' };
  const store = memoryAuthStore(chatgptLogin({ agent_identity: record, unknown: [1] }));
  const auth = await loadAuth(
    { store, authapiBaseUrl: world.authapi.authapiBaseUrl, policy: 'chatgpt-auth' },
    { clock },
  );
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  const before = await store.read();
  const fetch = providerFetch(await resolveProviderAuth({ auth, provider }));
  expect((await fetch(world.provider.baseUrl)).status).toBe(200);
  expect(world.provider.requests.map(taskOf)).toEqual(['task-stored', 'task-1']);
  expect(await store.read()).toBe(before?.replace('"task-stored"', '"task-1"'));
});

it('the policy jwt-only requests, locks and writes nothing', async () => {
  const inner = memoryAuthStore(chatgptLogin());
  const calls: string[] = [];
  const store: AuthStore = {
    read: () => {
      calls.push('read');
      return inner.read();
    },
    update: async () => {
      calls.push('update');
    },
    withLock: async (_, work) => {
      calls.push('withLock');
      return work();
    },
  };
  const { world, resolve } = await login({ store, policy: undefined });
  expect((await resolve()).describe().credential).toBe('chatgpt_bearer');
  expect(calls).toEqual(['read']);
  expect(world.authapi.requests).toEqual([]);
});

describe('a store that cannot be updated prevents every registration', () => {
  it('if requireWritable rejects', async () => {
    const unwritable = new Error('the disk is read-only');
    const store = {
      ...memoryAuthStore(chatgptLogin({}, 'account-of-unwritable-store')),
      requireWritable: () => Promise.reject(unwritable),
    };
    const { world, resolve } = await login({ store });
    world.state.answerRegistration = registering(world);
    for (let session = 0; session < 3; session += 1) await expect(resolve()).rejects.toBe(unwritable);
    expect(world.authapi.requests).toEqual([]);
  });

  it('if auth.json has another hard link', async () => {
    const codexHome = await temporaryFolder();
    const file = join(codexHome, 'auth.json');
    await writeFile(file, chatgptLogin({}, 'account-of-linked-file'), { mode: 0o600 });
    await link(file, join(codexHome, 'other'));
    const world = await firstParty();
    world.state.answerRegistration = registering(world);
    const { authapiBaseUrl } = world.authapi;
    const { baseUrl } = world.provider;
    for (let session = 0; session < 3; session += 1) {
      const opened = await openCodexLogin({ codexHome, env: {}, policy: 'chatgpt-auth', authapiBaseUrl });
      const fetch = providerFetch(await loadAuth({ login: opened }, stillEffects), {
        kind: 'first_party',
        baseUrl,
      });
      expect((await thrownBy(() => fetch(baseUrl))).code).toBe('unwritable_auth_file');
    }
    expect(world.authapi.requests).toEqual([]);
    expect(world.provider.requests).toEqual([]);
  });
});

it('the login of the published client obtains an agent identity and saves it', async () => {
  const codexHome = await temporaryFolder();
  const file = join(codexHome, 'auth.json');
  await writeFile(file, chatgptLogin({}, accountId), { mode: 0o600 });
  await writeFile(join(codexHome, 'config.toml'), '[features]\nuse_agent_identity = true\n');
  const world = await firstParty();
  const registered: string[] = [];
  world.state.answerRegistration = (request) => {
    registered.push(request.path.split('/').at(-2) ?? '');
    return request.path.endsWith('/v1/agent/register')
      ? { body: { agent_runtime_id: 'agent-of-login' } }
      : { body: { task_id: 'task-of-login' } };
  };
  const { authapiBaseUrl } = world.authapi;
  const login = await openCodexLogin({ codexHome, env: {}, authapiBaseUrl });
  const auth = await loadAuth({ login }, stillEffects);
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  expect(resolved.actingAgent).toEqual({ agentRuntimeId: 'agent-of-login', taskId: 'task-of-login' });
  expect(registered).toEqual(['agent', 'task']);
  expect(JSON.parse(await readFile(file, 'utf8')).agent_identity).toMatchObject({
    agent_runtime_id: 'agent-of-login',
    task_id: 'task-of-login',
  });
});
