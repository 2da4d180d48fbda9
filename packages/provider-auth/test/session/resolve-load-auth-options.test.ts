import { memoryAuthStore, openChatgptAuth } from 'chatgpt-auth';
import {
  createRunScope,
  defineProvider,
  type LoadAuthOptions,
  loadAuth,
  providerFetch,
  resolveProviderAuth,
} from 'provider-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { accountId, firstParty } from '../support/first-party.js';
import { noNetwork, unreadStore } from '../support/no-network.js';

const provider = defineProvider({ kind: 'first_party', baseUrl: 'https://first-party.test/v1' });

/** A JWT without the claims of an Agent Identity JWT. */
const otherJwt = 'eyJhIjoxfQ.eyJhIjoxfQ.c2ln';

describe('loadAuth refuses bad credentials before any request', () => {
  it.each<[title: string, options: unknown, code: string]>([
    ['null for the options', null, 'invalid_argument'],
    ['an empty API key', { apiKey: '' }, 'empty_credentials'],
    ['a blank token', { personalAccessToken: '  ' }, 'empty_credentials'],
    ['an empty JWT', { jwt: '' }, 'empty_credentials'],
    ['a number for a key', { apiKey: 7 }, 'invalid_argument'],
    ['two credentials', { apiKey: 'sk', jwt: 'a.b.c' }, 'conflicting_credentials'],
    ['a number for a variable', { env: { CODEX_API_KEY: 7 } }, 'invalid_argument'],
    ['a JWT that is not a JWT', { jwt: 'not-a-jwt' }, 'malformed_jwt'],
    ['a cut JWT in the environment', { env: { CODEX_ACCESS_TOKEN: 'eyJhbGciOi' } }, 'invalid_access_token'],
    ['garbage in the environment', { env: { CODEX_ACCESS_TOKEN: 'garbage' } }, 'invalid_access_token'],
    ['a JWT of another kind', { env: { CODEX_ACCESS_TOKEN: otherJwt } }, 'invalid_claims'],
    ['a JWT for a personal access token', { personalAccessToken: otherJwt }, 'jwt_as_bearer'],
    ['an empty record', { record: {} }, 'invalid_agent_identity_record'],
    [
      'a stored mode that cannot be used',
      { store: memoryAuthStore(JSON.stringify({ auth_mode: 'bedrockApiKey' })) },
      'unsupported_credentials',
    ],
    [
      'a stored key that is empty',
      { store: memoryAuthStore('{"auth_mode":"apikey","OPENAI_API_KEY":""}') },
      'unreadable_auth_file',
    ],
    ['a store that is not JSON', { store: memoryAuthStore('{') }, 'unreadable_auth_file'],
    [
      'an API key where only ChatGPT may log in',
      { apiKey: 'sk', forcedLoginMethod: 'chatgpt' },
      'login_method_not_allowed',
    ],
  ])('%s', async (_, options, code) => {
    expect((await thrownBy(() => loadAuth(options as LoadAuthOptions, noNetwork))).code).toBe(code);
  });

  it.each([
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
    ['a forced API login', {}, { forcedLoginMethod: 'api' }, 'login_method_not_allowed'],
  ])('a record with %s', async (_, change, options, code) => {
    const { record } = await firstParty();
    const load = () =>
      loadAuth({ record: { ...record, ...change }, ...options } as LoadAuthOptions, noNetwork);
    expect((await thrownBy(load)).code).toBe(code);
  });
});

describe('loadAuth refuses a bad option, whatever the credentials are', () => {
  it.each<[name: string, options: object]>([
    ['polcy', { polcy: 'chatgpt-auth' }],
    ['policy', { policy: 'bogus' }],
    ['forcedWorkspaceIds', { forcedWorkspaceIds: 5 }],
    ['forcedWorkspaceIds', { forcedWorkspaceIds: accountId }],
    ['forcedWorkspaceIds', { forcedWorkspaceIds: [''] }],
    ['forcedLoginMethod', { forcedLoginMethod: 'chatGPT' }],
    ['allowPlainHttpHosts', { allowPlainHttpHosts: 'authapi.test' }],
    ['allowPlainHttpHosts', { allowPlainHttpHosts: [5] }],
    ['chatgptBaseUrl', { chatgptBaseUrl: 5 }],
    ['jwtBaseUrl', { jwtBaseUrl: 'nonsense' }],
    ['authapiBaseUrl', { authapiBaseUrl: 'nonsense' }],
    ['whoamiBaseUrl', { whoamiBaseUrl: 'http://whoami.test' }],
    ['CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL', { env: { CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: 'x' } }],
    ['CODEX_REFRESH_TOKEN_URL_OVERRIDE', { env: { CODEX_REFRESH_TOKEN_URL_OVERRIDE: 'x' } }],
    ['tokenUrl', { tokenUrl: 'nonsense' }],
    ['tokenUrl', { tokenUrl: 5 }],
    ['clientId', { clientId: 5 }],
    ['clientId', { clientId: ' ' }],
    ['store', { store: 7 }],
    ['store', { store: {} }],
    ['store', { store: { read: async () => undefined } }],
    ['jwks', { jwks: 3 }],
    ['jwks', { jwks: {} }],
    ['abom', { abom: 1 }],
    ['abom', { abom: { agent_version: '1' } }],
    ['env', { env: 'x' }],
    ['env', { env: null }],
    ['scope', { scope: {} }],
    ['login', { login: {} }],
  ])('%s: %j', async (name, options) => {
    for (const credentials of [{}, { apiKey: 'sk' }]) {
      const load = () => loadAuth({ ...credentials, ...options } as LoadAuthOptions, noNetwork);
      const error = await thrownBy(load);
      expect(error.code).toMatch(/^(invalid_argument|insecure_url|conflicting_credentials)$/);
      expect(error.message).toContain(name);
    }
  });

  it('and names the nearest known one', async () => {
    const load = () => loadAuth({ authapiBaseURL: 'https://agents.example.com' } as LoadAuthOptions);
    expect((await thrownBy(load)).message).toContain('did you mean "authapiBaseUrl"?');
  });
});

describe('an open login', () => {
  async function openedLogin() {
    const store = memoryAuthStore(JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-of-login' }));
    return { auth: await openChatgptAuth({ store }), origin: 'store', store, settings: {} } as const;
  }

  it('provides the credentials', async () => {
    const auth = await loadAuth({ login: await openedLogin() }, noNetwork);
    const { describe: _, ...description } = { ...auth.describe(), describe: undefined };
    expect(description).toEqual({ kind: 'api_key', origin: 'store', reason: 'the store holds an API key' });
    const resolved = await resolveProviderAuth({ auth, provider });
    expect(resolved.headers()).toEqual({ Authorization: 'Bearer sk-of-login' });
  });

  it.each<[name: string, options: LoadAuthOptions]>([
    ['apiKey', { apiKey: 'sk' }],
    ['env', { env: {} }],
    ['store', { store: unreadStore }],
    ['policy', { policy: 'chatgpt-auth' }],
    ['authapiBaseUrl', { authapiBaseUrl: 'https://agents.example.com' }],
  ])('does not go with the option %s', async (name, options) => {
    const login = await openedLogin();
    const error = await thrownBy(() => loadAuth({ login, ...options }, noNetwork));
    expect(error.code).toMatch(/^(?:conflicting_credentials|invalid_argument)$/);
    expect(error.message).toContain(name);
  });
});

describe('bad effects are refused', () => {
  const badEffects = [
    null,
    5,
    { clock: 5 },
    { clok: Date.now },
    { fetch: 5 },
    { fetch: null },
    { sleep: 'x' },
    { random: 1 },
    { monotonicClock: 1 },
  ];

  it.each([...badEffects, { signal: {} }])('by loadAuth: %j', async (effects) => {
    expect((await thrownBy(() => loadAuth({}, effects as never))).code).toBe('invalid_argument');
  });

  it.each([...badEffects, { signal: AbortSignal.abort() }])('by createRunScope: %j', (effects) => {
    expect(thrownBy(() => createRunScope({}, effects as never)).code).toBe('invalid_argument');
  });

  it.each([null, 5, { fetch: 5 }, { fetch: null }, { fetsh: fetch }])(
    'by providerFetch: %j',
    async (effects) => {
      const auth = await loadAuth({ apiKey: 'sk' });
      const resolved = await resolveProviderAuth({ auth, provider });
      expect(thrownBy(() => providerFetch(resolved, effects as never)).code).toBe('invalid_argument');
      expect(thrownBy(() => providerFetch(auth, provider, effects as never)).code).toBe('invalid_argument');
    },
  );

  it.each([null, 5, { signal: 5 }, { sginal: undefined }])('by resolveProviderAuth: %j', async (effects) => {
    const auth = await loadAuth({ apiKey: 'sk' });
    const resolve = () => resolveProviderAuth({ auth, provider }, effects as never);
    expect((await thrownBy(resolve)).code).toBe('invalid_argument');
  });

  it('by loadAuth together with a scope, which has its own', async () => {
    const scope = createRunScope();
    expect((await thrownBy(() => loadAuth({ scope }, noNetwork))).code).toBe('invalid_argument');
  });

  it('but effects that are undefined count as absent', async () => {
    const effects = { fetch: undefined, clock: undefined };
    expect((await loadAuth({ scope: createRunScope() }, effects)).kind).toBe('none');
  });
});
