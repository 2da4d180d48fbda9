import { inspect } from 'node:util';
import { memoryAuthStore } from 'chatgpt-auth';
import {
  createRunScope,
  defineProvider,
  loadAuth,
  type Provider,
  providerFetch,
  type ResolvedProviderAuth,
  resolveProviderAuth,
  type SessionAuth,
} from 'provider-auth';
import { thrownBy } from 'test-support';
import { expect, it } from 'vitest';
import { accessToken, chatgptLogin } from '../support/chatgpt-login.js';
import { accountId, type FirstParty, firstParty, taskOf } from '../support/first-party.js';
import { whoamiOnly } from '../support/no-network.js';
import { stillEffects } from '../support/start-run.js';

const baseUrl = 'https://provider.test/v1';

const providers: Readonly<Record<string, Provider>> = {
  'first party': defineProvider({ kind: 'first_party', baseUrl }),
  'own API key': defineProvider({ kind: 'api_key', baseUrl, apiKey: 'own-key' }),
  'own key, own header': defineProvider({
    kind: 'api_key',
    baseUrl,
    apiKey: 'own-key',
    headerName: 'api-key',
  }),
  'own bearer': defineProvider({ kind: 'bearer', baseUrl, bearerToken: 'own-token' }),
  'local, no auth': defineProvider({ kind: 'no_auth', baseUrl }),
};

/** Each kind of auth that a session can have. */
async function everyAuth({
  authapi,
  record,
  state,
}: FirstParty): Promise<Readonly<Record<string, SessionAuth>>> {
  const { authapiBaseUrl } = authapi;
  const chatgpt = { store: memoryAuthStore(chatgptLogin()), authapiBaseUrl };
  const down = await firstParty();
  down.state.answerRegistration = () => ({ status: 503 });
  state.answerRegistration = ({ path }) =>
    path.endsWith('/v1/agent/register')
      ? { body: { agent_runtime_id: 'agent-2' } }
      : { body: { task_id: 'task-2' } };
  const load = (options: Parameters<typeof loadAuth>[0]) => loadAuth(options, stillEffects);
  return {
    none: await load({}),
    'API key': await load({ apiKey: 'sk-session' }),
    'personal access token': await loadAuth({ personalAccessToken: 'at-session' }, whoamiOnly),
    'ChatGPT, jwt-only': await load(chatgpt),
    'ChatGPT, chatgpt-auth': await load({ ...chatgpt, policy: 'chatgpt-auth' }),
    'ChatGPT, unavailable': await load({
      store: memoryAuthStore(chatgptLogin()),
      authapiBaseUrl: down.authapi.authapiBaseUrl,
      policy: 'chatgpt-auth',
    }),
    'agent identity': await load({ record: { ...record, task_id: 'task-1' } }),
    'agent identity, FedRAMP': await load({
      record: { ...record, task_id: 'task-1', chatgpt_account_is_fedramp: true },
    }),
  };
}

/** Formats headers, with names instead of the secrets that vary. */
function shown(headers: Record<string, string>): string {
  const entries = Object.entries(headers).map(([name, value]) => {
    if (value.startsWith('AgentAssertion ')) {
      return `${name}: AgentAssertion under ${taskOf({ headers: { authorization: value } } as never)}`;
    }
    return `${name}: ${value.replace(accessToken, 'ACCESS-TOKEN')}`;
  });
  return entries.length === 0 ? '(nothing)' : entries.join(', ');
}

async function resolveAll(auths: Readonly<Record<string, SessionAuth>>): Promise<Record<string, string>> {
  const table: Record<string, string> = {};
  for (const [authName, auth] of Object.entries(auths)) {
    for (const [providerName, provider] of Object.entries(providers)) {
      const resolved = resolveProviderAuth({ auth, provider });
      table[`${providerName} | ${authName}`] = await resolved.then(
        (value) => shown(value.headers()),
        ({ code }) => `refused: ${code}`,
      );
    }
  }
  return table;
}

it('each kind of provider gets its own headers from each kind of auth', async () => {
  const table = await resolveAll(await everyAuth(await firstParty()));
  const bearer = `Authorization: Bearer ACCESS-TOKEN, ChatGPT-Account-ID: ${accountId}`;
  const firstPartyRows = {
    none: 'refused: no_credentials',
    'API key': 'Authorization: Bearer sk-session',
    'personal access token': `Authorization: Bearer at-session, ChatGPT-Account-ID: ${accountId}`,
    'ChatGPT, jwt-only': bearer,
    'ChatGPT, chatgpt-auth': `Authorization: AgentAssertion under task-2, ChatGPT-Account-ID: ${accountId}`,
    'ChatGPT, unavailable': bearer,
    'agent identity': `Authorization: AgentAssertion under task-1, ChatGPT-Account-ID: ${accountId}`,
    'agent identity, FedRAMP': `Authorization: AgentAssertion under task-1, ChatGPT-Account-ID: ${accountId}, X-OpenAI-Fedramp: true`,
  };
  const expected = Object.fromEntries(
    Object.entries(firstPartyRows).flatMap(([auth, headers]) => [
      [`first party | ${auth}`, headers],
      [`own API key | ${auth}`, 'Authorization: Bearer own-key'],
      [`own key, own header | ${auth}`, 'api-key: own-key'],
      [`own bearer | ${auth}`, 'Authorization: Bearer own-token'],
      [`local, no auth | ${auth}`, '(nothing)'],
    ]),
  );
  expect(table).toEqual(expected);
});

it('all providers of a run share its one task, for inference and compaction', async () => {
  const world = await firstParty();
  const { record, authapi, provider } = world;
  const auth = await loadAuth({ record, authapiBaseUrl: authapi.authapiBaseUrl }, stillEffects);
  const first = defineProvider({ kind: 'first_party', baseUrl: provider.baseUrl });
  const second = defineProvider({ kind: 'first_party', baseUrl: `${provider.origin}/other` });
  const all = await Promise.all(
    [first, second, first].map((each) => resolveProviderAuth({ auth, provider: each })),
  );
  const [one, two, three] = all as [ResolvedProviderAuth, ResolvedProviderAuth, ResolvedProviderAuth];
  await providerFetch(one)(`${provider.baseUrl}/responses`);
  world.state.liveTasks.clear();
  await providerFetch(two)(`${provider.origin}/other/responses/compact`);
  await providerFetch(three)(`${provider.baseUrl}/responses/compact`);
  expect(provider.requests.map(taskOf)).toEqual(['task-1', 'task-1', 'task-2', 'task-2']);
  expect(authapi.requests).toHaveLength(2);
  expect(all.map(({ actingAgent }) => actingAgent?.taskId)).toEqual(['task-2', 'task-2', 'task-2']);
});

it('an auth that is used in two runs has a clock in each', async () => {
  const world = await firstParty();
  const { record, authapi, provider } = world;
  const auth = await loadAuth({ record, authapiBaseUrl: authapi.authapiBaseUrl }, stillEffects);
  const firstPartyProvider = defineProvider({ kind: 'first_party', baseUrl: provider.baseUrl });
  const scope = createRunScope({}, stillEffects);
  const one = await resolveProviderAuth({ auth, provider: firstPartyProvider });
  const other = await resolveProviderAuth({ auth, provider: firstPartyProvider, scope });
  world.state.serverNow = Date.UTC(2026, 3, 23, 1);
  await providerFetch(one)(provider.baseUrl);
  expect(scope.clockOffsetSeconds).toBe(0);
  expect((await providerFetch(other)(provider.baseUrl)).status).toBe(200);
  expect(scope.clockOffsetSeconds).toBe(3600);
});

it('a resolved auth describes what was chosen and why, and prints no secret', async () => {
  const auths = await everyAuth(await firstParty());
  const lines: string[] = [];
  for (const auth of Object.values(auths).slice(1)) {
    for (const provider of Object.values(providers)) {
      const resolved = await resolveProviderAuth({ auth, provider });
      const { credential, reason, provider: described } = resolved.describe();
      expect(described).toBe(provider);
      lines.push(`${provider.kind} | ${auth.kind} | ${credential} | ${reason}`);
      const printed = [
        inspect(resolved, { depth: 9, showHidden: true }),
        JSON.stringify(resolved),
        `${resolved}`,
      ];
      for (const secret of [
        accessToken,
        'sk-session',
        'at-session',
        'own-key',
        'own-token',
        'AgentAssertion ',
      ]) {
        expect(printed.join()).not.toContain(secret);
      }
    }
  }
  expect([...new Set(lines)].filter((line) => !/^(?:api_key|bearer|no_auth)/.test(line)).sort()).toEqual([
    'first_party | agent_identity | agent_assertion | the option record is given',
    'first_party | api_key | api_key | the option apiKey is given',
    'first_party | chatgpt | agent_assertion | the store holds a ChatGPT login; the policy chatgpt-auth allows it an agent identity',
    'first_party | chatgpt | chatgpt_bearer | the store holds a ChatGPT login; agent identity was unavailable, so the session has fallen back to its bearer token',
    'first_party | chatgpt | chatgpt_bearer | the store holds a ChatGPT login; the policy jwt-only allows it no agent identity',
    'first_party | personal_access_token | personal_access_token | the option personalAccessToken is given',
  ]);
  const others = new Set(
    lines.filter((line) => !line.startsWith('first_party')).map((line) => line.split(' | ')[3]),
  );
  expect([...others]).toEqual([
    "the provider has its own credential, so it gets none of the session's",
    'the provider takes no OpenAI auth, so it gets no credentials',
  ]);
});

it.each<[title: string, request: unknown, code: string]>([
  ['no options', undefined, 'invalid_argument'],
  [
    'an auth of another origin',
    { auth: { kind: 'none' }, provider: providers['first party'] },
    'invalid_argument',
  ],
  [
    'a provider that was not defined',
    { auth: {}, provider: { kind: 'first_party', baseUrl } },
    'unknown_provider',
  ],
  ['no provider', { auth: {} }, 'unknown_provider'],
])('resolveProviderAuth refuses %s', async (_, request, code) => {
  expect((await thrownBy(() => resolveProviderAuth(request as never))).code).toBe(code);
});

it('resolveProviderAuth refuses a scope of another origin', async () => {
  const auth = await loadAuth({ apiKey: 'sk' });
  const provider = defineProvider({ kind: 'no_auth', baseUrl });
  const resolve = () => resolveProviderAuth({ auth, provider, scope: {} as never });
  expect((await thrownBy(resolve)).code).toBe('invalid_argument');
});

it('covers refuses a relative URL', async () => {
  const auth = await loadAuth();
  const resolved = await resolveProviderAuth({
    auth,
    provider: defineProvider({ kind: 'no_auth', baseUrl }),
  });
  expect((await thrownBy(() => resolved.covers('/v1'))).code).toBe('invalid_argument');
});

it('credentialsFor returns no headers for another URL', async () => {
  const auth = await loadAuth({ apiKey: 'sk' });
  const provider = defineProvider({ kind: 'first_party', baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  expect(resolved.credentialsFor(`${baseUrl}/x`).headers).toEqual({ Authorization: 'Bearer sk' });
  expect(resolved.credentialsFor('https://other.test/v1/x').headers).toEqual({});
});
