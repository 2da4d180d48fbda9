import { memoryAuthStore } from 'chatgpt-auth';
import { type LoadAuthOptions, loadAuth, providerFetch } from 'provider-auth';
import { loopbackServer, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { accountId } from '../support/first-party.js';
import { whoamiAccount } from '../support/no-network.js';

const token = 'at-personal';

/** An AuthAPI that knows the token, and a provider that accepts anything. */
async function servers(account: object = whoamiAccount, status = 200) {
  const authapi = await loopbackServer(() => ({ status, body: account }));
  const provider = await loopbackServer(() => ({ body: 'done' }));
  return { authapi, provider, whoamiBaseUrl: `${authapi.origin}/api/accounts` };
}

const sources: readonly [title: string, source: (whoamiBaseUrl: string) => LoadAuthOptions][] = [
  ['as an option', (whoamiBaseUrl) => ({ personalAccessToken: token, whoamiBaseUrl })],
  [
    'in the environment',
    (CODEX_AUTHAPI_BASE_URL) => ({ env: { CODEX_ACCESS_TOKEN: token, CODEX_AUTHAPI_BASE_URL } }),
  ],
  [
    'in the store',
    (whoamiBaseUrl) => ({
      store: memoryAuthStore(JSON.stringify({ personal_access_token: token })),
      whoamiBaseUrl,
    }),
  ],
];

describe.each(sources)('a personal access token %s', (_, source) => {
  it('is looked up once, and sent with the account of the look-up', async () => {
    const { authapi, provider, whoamiBaseUrl } = await servers();
    const auth = await loadAuth(source(whoamiBaseUrl));
    const fetch = providerFetch(auth, { kind: 'first_party', baseUrl: provider.origin });
    await Promise.all([fetch(`${provider.origin}/a`), fetch(`${provider.origin}/b`)]);
    expect(authapi.requests.map(({ path, headers }) => [path, headers['authorization']])).toEqual([
      ['/api/accounts/v1/user-auth-credential/whoami', `Bearer ${token}`],
    ]);
    for (const { headers } of provider.requests) {
      expect(headers).toMatchObject({ authorization: `Bearer ${token}`, 'chatgpt-account-id': accountId });
      expect(headers).not.toHaveProperty('x-openai-fedramp');
    }
    expect(provider.requests).toHaveLength(2);
  });

  it('of a FedRAMP account is sent with its header', async () => {
    const { provider, whoamiBaseUrl } = await servers({
      ...whoamiAccount,
      chatgpt_account_is_fedramp: true,
    });
    const auth = await loadAuth(source(whoamiBaseUrl));
    await providerFetch(auth, { kind: 'first_party', baseUrl: provider.origin })(provider.origin);
    expect(provider.requests[0]?.headers).toHaveProperty('x-openai-fedramp', 'true');
  });

  it('of a workspace that is not allowed is refused', async () => {
    const { whoamiBaseUrl } = await servers();
    const load = () => loadAuth({ ...source(whoamiBaseUrl), forcedWorkspaceIds: ['another'] });
    expect((await thrownBy(load)).code).toBe('workspace_not_allowed');
  });

  it('that the AuthAPI refuses is refused, and no part of it is in the error', async () => {
    const { whoamiBaseUrl } = await servers({}, 401);
    const error = await thrownBy(() => loadAuth(source(whoamiBaseUrl)));
    expect(error.code).toBe('whoami_rejected');
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(token);
  });

  it('does not reach a provider with its own key', async () => {
    const { provider, whoamiBaseUrl } = await servers();
    const auth = await loadAuth(source(whoamiBaseUrl));
    const own = { kind: 'bearer', baseUrl: provider.origin, bearerToken: 'own' } as const;
    await providerFetch(auth, own)(provider.origin);
    expect(provider.requests[0]?.headers).toMatchObject({ authorization: 'Bearer own' });
    expect(provider.requests[0]?.headers).not.toHaveProperty('chatgpt-account-id');
  });
});

it('an aborted signal ends the wait for the look-up', async () => {
  const controller = new AbortController();
  const authapi = await loopbackServer(() => {
    controller.abort();
    return undefined;
  });
  const options = { personalAccessToken: token, whoamiBaseUrl: authapi.origin };
  await expect(loadAuth(options, { signal: controller.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});
