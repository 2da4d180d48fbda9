import { formatAuthJson, memoryAuthStore } from 'chatgpt-auth';
import { defineProvider, type LoadAuthOptions, loadAuth, resolveProviderAuth } from 'provider-auth';
import { printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { accountId, agentRuntimeId, clock, firstParty } from '../support/first-party.js';
import { noNetwork, whoamiOnly } from '../support/no-network.js';
import { startIssuer } from '../support/start-issuer.js';
import { stillEffects } from '../support/start-run.js';

const provider = defineProvider({ kind: 'first_party', baseUrl: 'https://first-party.test/v1' });

describe('an Agent Identity JWT', () => {
  async function issued() {
    const world = await firstParty();
    const { server, issue } = await startIssuer();
    const urls = { jwtBaseUrl: `${server.origin}/chatgpt`, authapiBaseUrl: world.authapi.authapiBaseUrl };
    return { world, server, urls, jwt: issue(world.record), issue };
  }

  it.each<[title: string, source: (jwt: string) => LoadAuthOptions, origin: string]>([
    ['given as an option', (jwt) => ({ jwt }), 'option'],
    ['read from a file with a final line end', (jwt) => ({ jwt: `${jwt}\r\n` }), 'option'],
    ['in CODEX_ACCESS_TOKEN', (CODEX_ACCESS_TOKEN) => ({ env: { CODEX_ACCESS_TOKEN } }), 'environment'],
    ['in the store', (jwt) => ({ store: memoryAuthStore(formatAuthJson(jwt)) }), 'store'],
  ])('%s is verified, and one run task is registered', async (_, source, origin) => {
    const { world, server, urls, jwt } = await issued();
    const auth = await loadAuth({ ...source(jwt), ...urls }, stillEffects);
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

  it('is used with the base URLs of the environment', async () => {
    const { urls, jwt } = await issued();
    const env = {
      CODEX_ACCESS_TOKEN: jwt,
      CODEX_AGENT_IDENTITY_JWKS_BASE_URL: urls.jwtBaseUrl,
      CODEX_AGENT_IDENTITY_AUTHAPI_BASE_URL: urls.authapiBaseUrl,
    };
    expect((await loadAuth({ env }, stillEffects)).kind).toBe('agent_identity');
  });

  it.each<[title: string, claims: object, code: string]>([
    ['has a missing claim', { account_id: undefined }, 'invalid_claims'],
    ['has expired', { exp: 1 }, 'jwt_expired'],
    ['is for another audience', { aud: 'other' }, 'wrong_audience'],
    ['has an unusable key', { agent_private_key: 'AAAA' }, 'invalid_agent_key'],
    ['is of a workspace that is not allowed', { account_id: 'other' }, 'workspace_not_allowed'],
  ])('that %s registers no task', async (_, claims, code) => {
    const { world, urls, issue } = await issued();
    const options = { jwt: issue(world.record, claims), ...urls, forcedWorkspaceIds: [accountId] };
    expect((await thrownBy(() => loadAuth(options, stillEffects))).code).toBe(code);
    expect(world.authapi.requests).toEqual([]);
  });

  it('with a missing claim is refused before the JWKS is fetched', async () => {
    const { world, server, urls, issue } = await issued();
    const jwt = issue(world.record, { agent_runtime_id: undefined });
    expect((await thrownBy(() => loadAuth({ jwt, ...urls }, stillEffects))).code).toBe('invalid_claims');
    expect(server.requests).toEqual([]);
  });
});

it('a record with a task is used with that task, and nothing is sent', async () => {
  const { record } = await firstParty();
  const auth = await loadAuth({ record: { ...record, task_id: 'task-0' } }, noNetwork);
  const { actingAgent } = await resolveProviderAuth({ auth, provider });
  expect(actingAgent?.taskId).toBe('task-0');
});

it('a record with a task id that no header can hold is refused', async () => {
  const { record } = await firstParty();
  const load = () => loadAuth({ record: { ...record, task_id: 'x'.repeat(5000) } }, noNetwork);
  expect((await thrownBy(load)).code).toBe('invalid_argument');
});

it('an aborted signal ends loadAuth with its reason', async () => {
  const reason = new Error('no longer wanted');
  const signal = AbortSignal.abort(reason);
  await expect(loadAuth({}, { signal })).rejects.toBe(reason);
});

it('printing an auth shows no secret', async () => {
  const secret = 'sk-very-secret';
  const { record } = await firstParty();
  const auths = [
    await loadAuth({ apiKey: secret }),
    await loadAuth({ personalAccessToken: secret }, whoamiOnly),
    await loadAuth({ record: { ...record, task_id: 'task-0' } }, { clock }),
    await loadAuth({ store: memoryAuthStore(chatgptLogin()) }),
  ];
  for (const auth of auths) {
    const printed = printedForms(auth) + JSON.stringify(auth.describe());
    for (const forbidden of [secret, record.agent_private_key, 'eyJ']) {
      expect(printed).not.toContain(forbidden);
    }
  }
});
