import { inspect } from 'node:util';
import { formatAuthJson, memoryAuthStore } from 'chatgpt-auth';
import {
  type AuthOptions,
  createRunScope,
  defineProvider,
  loadAuth,
  providerFetch,
  resolveProviderAuth,
} from 'provider-auth';
import { describe, expect, test } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { accountId, agentRuntimeId, clock, firstParty } from '../support/first-party.js';
import { issuer } from '../support/issuer.js';
import { stillEffects } from '../support/resolved.js';
import { thrownBy } from '../support/thrown-by.js';

const provider = defineProvider({ kind: 'first_party', baseUrl: 'https://first-party.test/v1' });

/** A fetch that nothing may reach. */
const noNetwork = {
  ...stillEffects,
  fetch: async () => {
    throw new Error('nothing was to be sent');
  },
};

/** A store that nothing may read. */
const noStore = {
  ...memoryAuthStore(),
  read: async () => {
    throw new Error('the store was not to be read');
  },
};

describe('precedence', () => {
  const apiKeyFile = JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-of-store' });

  test.each<[title: string, options: AuthOptions, kind: string, origin: string | undefined]>([
    ['nothing at all', {}, 'none', undefined],
    ['an empty store', { store: memoryAuthStore() }, 'none', undefined],
    ['a store', { store: memoryAuthStore(apiKeyFile) }, 'api_key', 'store'],
    [
      'CODEX_ACCESS_TOKEN over a store',
      { env: { CODEX_ACCESS_TOKEN: 'pat' }, store: noStore },
      'personal_access_token',
      'environment',
    ],
    [
      'CODEX_API_KEY over CODEX_ACCESS_TOKEN',
      { env: { CODEX_API_KEY: 'sk-of-env', CODEX_ACCESS_TOKEN: 'pat' }, store: noStore },
      'api_key',
      'environment',
    ],
    [
      'variables that are blank count as unset',
      { env: { CODEX_API_KEY: ' ', CODEX_ACCESS_TOKEN: '' }, store: memoryAuthStore(apiKeyFile) },
      'api_key',
      'store',
    ],
    [
      'an option over all',
      { personalAccessToken: 'pat', env: { CODEX_API_KEY: 'sk' }, store: noStore },
      'personal_access_token',
      'option',
    ],
    ['OPENAI_API_KEY is not looked at', { env: { OPENAI_API_KEY: 'sk' } }, 'none', undefined],
    ['a ChatGPT login', { store: memoryAuthStore(chatgptLogin()) }, 'chatgpt', 'store'],
    [
      'ChatGPT tokens from outside',
      { store: memoryAuthStore(chatgptLogin({ auth_mode: 'chatgptAuthTokens' })) },
      'chatgpt',
      'store',
    ],
    [
      'a personal access token in the store',
      {
        store: memoryAuthStore(
          JSON.stringify({ auth_mode: 'personalAccessToken', personal_access_token: 'pat' }),
        ),
      },
      'personal_access_token',
      'store',
    ],
  ])('%s', async (_, options, kind, origin) => {
    const auth = await loadAuth(options, noNetwork);
    expect(auth.kind).toBe(kind);
    expect(auth.describe()).toEqual({ kind, origin, reason: expect.any(String) });
  });

  test('what was found first and cannot be used is an error; nothing else is tried', async () => {
    const options = { env: { CODEX_API_KEY: 'with space' }, store: memoryAuthStore(apiKeyFile) };
    expect((await thrownBy(() => loadAuth(options, noNetwork))).code).toBe('invalid_argument');
  });
});

describe('bad input is refused before any request', () => {
  test.each<[title: string, options: unknown, code: string]>([
    ['options that are none', null, 'invalid_argument'],
    ['an empty API key', { apiKey: '' }, 'empty_credentials'],
    ['a blank token', { personalAccessToken: '  ' }, 'empty_credentials'],
    ['an empty JWT', { jwt: '' }, 'empty_credentials'],
    ['a key that is not text', { apiKey: 7 }, 'invalid_argument'],
    ['two credentials', { apiKey: 'sk', jwt: 'a.b.c' }, 'conflicting_credentials'],
    ['a variable that is not text', { env: { CODEX_API_KEY: 7 } }, 'invalid_argument'],
    ['a JWT that is none', { jwt: 'not-a-jwt' }, 'malformed_jwt'],
    [
      'a cut JWT in the environment, never taken for a bearer',
      { env: { CODEX_ACCESS_TOKEN: 'eyJhbGciOi' } },
      'malformed_jwt',
    ],
    [
      'a JWT of another kind',
      { env: { CODEX_ACCESS_TOKEN: 'eyJhIjoxfQ.eyJhIjoxfQ.c2ln' } },
      'invalid_claims',
    ],
    [
      'a JWT given as a personal access token',
      { personalAccessToken: 'eyJhIjoxfQ.eyJhIjoxfQ.c2ln' },
      'invalid_claims',
    ],
    ['a record that is none', { record: {} }, 'invalid_agent_identity_record'],
    ['a scope that is none', { scope: {} }, 'invalid_argument'],
    [
      'a mode that nothing can be signed with',
      { store: memoryAuthStore(JSON.stringify({ auth_mode: 'bedrockApiKey' })) },
      'unsupported_credentials',
    ],
    [
      'a store with an empty key',
      { store: memoryAuthStore('{"auth_mode":"apikey","OPENAI_API_KEY":""}') },
      'unreadable_auth_file',
    ],
    ['a store that is not JSON', { store: memoryAuthStore('{') }, 'unreadable_auth_file'],
    ['a policy that is none', { store: memoryAuthStore(), policy: 'always' }, 'invalid_argument'],
  ])('%s', async (_, options, code) => {
    expect((await thrownBy(() => loadAuth(options as AuthOptions, noNetwork))).code).toBe(code);
  });

  test.each([
    ['an unusable key', { agent_private_key: 'AAAA' }, {}, 'invalid_agent_key'],
    ['an unsafe runtime id', { agent_runtime_id: '../x' }, {}, 'unsafe_agent_runtime_id'],
    [
      'an unknown ChatGPT base URL',
      {},
      { chatgptBaseUrl: 'https://chatgpt.test' },
      'unknown_chatgpt_base_url',
    ],
    ['plain http', {}, { authapiBaseUrl: 'http://authapi.test' }, 'insecure_url'],
    ['a workspace that is not allowed', {}, { forcedWorkspaceIds: ['other'] }, 'workspace_not_allowed'],
  ])('a record with %s', async (_, change, options, code) => {
    const { record } = await firstParty();
    const load = () => loadAuth({ record: { ...record, ...change }, ...options }, noNetwork);
    expect((await thrownBy(load)).code).toBe(code);
  });

  test('effects besides a scope, which has its own', async () => {
    const scope = createRunScope();
    expect((await thrownBy(() => loadAuth({ scope }, noNetwork))).code).toBe('invalid_argument');
  });

  test('a scope and effects that are undefined are as none', async () => {
    const effects = { fetch: undefined, clock: undefined } as never;
    expect((await loadAuth({ scope: createRunScope() }, effects)).kind).toBe('none');
  });

  test.each<[name: string, options: object]>([
    ['policy', { policy: 'bogus' }],
    ['forcedWorkspaceIds', { forcedWorkspaceIds: 5 }],
    ['forcedWorkspaceIds', { forcedWorkspaceIds: accountId }],
    ['forcedWorkspaceIds', { forcedWorkspaceIds: [''] }],
    ['allowPlainHttpHosts', { allowPlainHttpHosts: 'authapi.test' }],
    ['allowPlainHttpHosts', { allowPlainHttpHosts: [5] }],
    ['chatgptBaseUrl', { chatgptBaseUrl: 5 }],
    ['jwtBaseUrl', { jwtBaseUrl: 'nonsense' }],
    ['authapiBaseUrl', { authapiBaseUrl: 'nonsense' }],
    ['CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL', { env: { CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: 'x' } }],
    ['tokenUrl', { tokenUrl: 'nonsense' }],
    ['tokenUrl', { tokenUrl: 5 }],
    ['clientId', { clientId: 5 }],
    ['clientId', { clientId: ' ' }],
    ['store', { store: 7 }],
    ['store', { store: { read: async () => undefined } }],
    ['jwks', { jwks: 3 }],
    ['jwks', { jwks: {} }],
    ['abom', { abom: 1 }],
    ['abom', { abom: { agent_version: '1' } }],
    ['env', { env: 'x' }],
    ['env', { env: null }],
  ])('%s: %j, whatever the credentials are', async (name, options) => {
    for (const credentials of [{}, { apiKey: 'sk' }, { personalAccessToken: 'pat' }]) {
      const error = await thrownBy(() => loadAuth({ ...credentials, ...options } as AuthOptions, noNetwork));
      expect(error.code).toMatch(/^(invalid_argument|insecure_url)$/);
      expect(error.message).toContain(name);
    }
  });

  const badEffects = [
    null,
    5,
    { clock: 5 },
    { fetch: 5 },
    { fetch: null },
    { sleep: 'x' },
    { random: 1 },
    { signal: {} },
  ];
  test.each(badEffects)('effects: %j', async (effects) => {
    expect((await thrownBy(() => loadAuth({}, effects as never))).code).toBe('invalid_argument');
    expect((await thrownBy(() => createRunScope({}, effects as never))).code).toBe('invalid_argument');
  });

  test.each([null, 5])('scope options: %j', async (options) => {
    expect((await thrownBy(() => createRunScope(options as never))).code).toBe('invalid_argument');
  });

  test.each([null, 5, { fetch: 5 }, { fetch: null }])('the effects of providerFetch: %j', async (effects) => {
    const resolved = await resolveProviderAuth({ auth: await loadAuth({ apiKey: 'sk' }), provider });
    expect((await thrownBy(() => providerFetch(resolved, effects as never))).code).toBe('invalid_argument');
  });

  test.each([null, 5, { signal: 5 }])('the effects of resolveProviderAuth: %j', async (effects) => {
    const auth = await loadAuth({ apiKey: 'sk' });
    const resolve = () => resolveProviderAuth({ auth, provider }, effects as never);
    expect((await thrownBy(resolve)).code).toBe('invalid_argument');
  });

  test.each<[title: string, options: object]>([
    ['observers', { observers: [5] }],
    ['observers', { observers: [null] }],
    ['observers', { observers: [{ onEvent: 5 }] }],
    ['observers', { observers: {} }],
    ['learnClockOffset', { learnClockOffset: 'no' }],
    ['maxClockOffsetSeconds', { maxClockOffsetSeconds: Number.NaN }],
    ['replacementCooldownSeconds', { replacementCooldownSeconds: -1 }],
  ])('a scope with an unusable %s', async (name, options) => {
    const error = await thrownBy(() => createRunScope(options));
    expect([error.code, error.message]).toEqual(['invalid_argument', expect.stringContaining(name)]);
  });
});

describe('an Agent Identity JWT', () => {
  async function issued() {
    const world = await firstParty();
    const { server, jwtBaseUrl, issue } = await issuer();
    const urls = { jwtBaseUrl, authapiBaseUrl: world.authapi.authapiBaseUrl };
    return { world, server, urls, jwt: issue(world.record), issue };
  }

  test.each<
    [title: string, source: (jwt: string, env: Record<string, string>) => AuthOptions, origin: string]
  >([
    ['given as an option', (jwt) => ({ jwt }), 'option'],
    ['in CODEX_ACCESS_TOKEN', (CODEX_ACCESS_TOKEN) => ({ env: { CODEX_ACCESS_TOKEN } }), 'environment'],
    ['in the store', (jwt) => ({ store: memoryAuthStore(formatAuthJson(jwt)) }), 'store'],
  ])('%s: key set, verification, one run task, in this order', async (_, source, origin) => {
    const { world, server, urls, jwt } = await issued();
    const auth = await loadAuth({ ...source(jwt, {}), ...urls }, stillEffects);
    expect(server.requests.map(({ path }) => path)).toEqual(['/chatgpt/agent-identities/jwks']);
    expect(world.authapi.requests.map(({ path }) => path)).toEqual([
      '/api/accounts/v1/agent/agent-1/task/register',
    ]);
    expect(auth.describe()).toMatchObject({ kind: 'agent_identity', origin });
    const resolved = await resolveProviderAuth({ auth, provider });
    expect(resolved.actingAgent).toEqual({ agentRuntimeId, taskId: 'task-1' });
    expect(resolved.headers()).toEqual({
      Authorization: expect.stringMatching(/^AgentAssertion /),
      'ChatGPT-Account-ID': accountId,
    });
    expect(world.authapi.requests).toHaveLength(1);
  });

  test('the base URLs may come from the environment', async () => {
    const { urls, jwt } = await issued();
    const env = {
      CODEX_ACCESS_TOKEN: jwt,
      CODEX_AGENT_IDENTITY_JWKS_BASE_URL: urls.jwtBaseUrl,
      CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: urls.authapiBaseUrl,
    };
    expect((await loadAuth({ env }, stillEffects)).kind).toBe('agent_identity');
  });

  test.each<[title: string, claims: object, code: string]>([
    ['a claim is missing', { account_id: undefined }, 'invalid_claims'],
    ['it has expired', { exp: 1 }, 'jwt_expired'],
    ['it is for another audience', { aud: 'other' }, 'wrong_audience'],
    ['its key cannot be used', { agent_private_key: 'AAAA' }, 'invalid_agent_key'],
    ['its workspace is not allowed', { account_id: 'other' }, 'workspace_not_allowed'],
  ])('%s: no task is registered', async (_, claims, code) => {
    const { world, urls, issue } = await issued();
    const options = { jwt: issue(world.record, claims), ...urls, forcedWorkspaceIds: [accountId] };
    expect((await thrownBy(() => loadAuth(options, stillEffects))).code).toBe(code);
    expect(world.authapi.requests).toEqual([]);
  });

  test('a missing claim is refused before even the key set is asked for', async () => {
    const { world, server, urls, issue } = await issued();
    const jwt = issue(world.record, { agent_runtime_id: undefined });
    await thrownBy(() => loadAuth({ jwt, ...urls }, stillEffects));
    expect(server.requests).toEqual([]);
  });
});

test('a record with a task is used with that task: nothing is sent', async () => {
  const { record } = await firstParty();
  const auth = await loadAuth({ record: { ...record, task_id: 'task-0' } }, noNetwork);
  const { actingAgent } = await resolveProviderAuth({ auth, provider });
  expect(actingAgent?.taskId).toBe('task-0');
});

test('an abort ends the wait with the reason', async () => {
  const reason = new Error('no longer wanted');
  const signal = AbortSignal.abort(reason);
  await expect(loadAuth({}, { signal })).rejects.toBe(reason);
});

test('nothing that prints an auth shows a secret', async () => {
  const secret = 'sk-very-secret';
  const { record } = await firstParty();
  const auths = [
    await loadAuth({ apiKey: secret }),
    await loadAuth({ personalAccessToken: secret }),
    await loadAuth({ record: { ...record, task_id: 'task-0' } }, { clock }),
    await loadAuth({ store: memoryAuthStore(chatgptLogin()) }),
  ];
  const printed = auths.map(
    (auth) => inspect(auth, { depth: 9, showHidden: true }) + JSON.stringify(auth.describe()),
  );
  expect(printed.join()).not.toContain(secret);
  expect(printed.join()).not.toContain(record.agent_private_key);
  expect(printed.join()).not.toContain('eyJ');
});
