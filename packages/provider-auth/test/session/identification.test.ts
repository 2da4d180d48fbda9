import { memoryAuthStore } from 'chatgpt-auth';
import { type LoadAuthOptions, loadAuth, providerFetch } from 'provider-auth';
import { loopbackServer, type RecordedRequest, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { firstParty } from '../support/first-party.js';
import { noNetwork, whoamiAccount } from '../support/no-network.js';
import { startIssuer } from '../support/start-issuer.js';
import { stillEffects } from '../support/start-run.js';

const identification = { userAgent: 'my_agent/1.2 (linux)', originator: 'my_agent' };

/** Every request that is sent to get credentials: for the JWKS, to the AuthAPI, the look-up and the token endpoint. */
async function requestsOfAllKinds(options: LoadAuthOptions): Promise<readonly RecordedRequest[]> {
  const world = await firstParty();
  const { server, issue } = await startIssuer();
  const { authapiBaseUrl } = world.authapi;
  await loadAuth(
    { jwt: issue(world.record), jwtBaseUrl: server.origin, authapiBaseUrl, ...options },
    stillEffects,
  );
  const whoami = await loopbackServer(() => ({ body: whoamiAccount }));
  await loadAuth({ personalAccessToken: 'at-personal', whoamiBaseUrl: whoami.origin, ...options });
  const registrations = await loopbackServer(({ path }) => ({
    body: path.endsWith('/task/register') ? { task_id: 'task-1' } : { agent_runtime_id: 'agent-1' },
  }));
  const tokens = await loopbackServer(() => ({ status: 500 }));
  const login = {
    store: memoryAuthStore(chatgptLogin({}, 'identified-account')),
    authapiBaseUrl: registrations.origin,
    tokenUrl: tokens.origin,
  };
  const optedIn = await loadAuth({ ...login, ...options, policy: 'chatgpt-auth' }, stillEffects);
  const bearer = await loadAuth({ ...login, ...options }, stillEffects);
  const provider = await loopbackServer(() => ({ status: 401 }));
  for (const auth of [optedIn, bearer]) {
    await providerFetch(auth, { kind: 'first_party', baseUrl: provider.origin })(provider.origin);
  }
  return [server, world.authapi, whoami, registrations, tokens].flatMap(({ requests }) => requests);
}

describe('every request for credentials identifies the client', () => {
  it('by the options userAgent and originator', async () => {
    const requests = await requestsOfAllKinds(identification);
    expect(requests).toHaveLength(6);
    for (const { path, headers } of requests) {
      expect(headers, path).toMatchObject({ 'user-agent': 'my_agent/1.2 (linux)', originator: 'my_agent' });
    }
  });

  it('by the name of this library otherwise', async () => {
    const requests = await requestsOfAllKinds({});
    expect(requests).toHaveLength(6);
    for (const { path, headers } of requests) {
      expect(headers, path).toMatchObject({
        'user-agent': expect.stringMatching(/^agent-identity-ts\//),
        originator: 'agent-identity-ts',
      });
    }
  });
});

it.each([{ userAgent: 'a\nb' }, { userAgent: '' }, { originator: 'a b' }])(
  'loadAuth refuses %j',
  async (options) => {
    const error = await thrownBy(() => loadAuth({ apiKey: 'sk-test', ...options }, noNetwork));
    expect([error.code, error.message]).toEqual([
      'invalid_argument',
      expect.stringContaining(Object.keys(options).join()),
    ]);
  },
);
