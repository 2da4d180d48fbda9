import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { firstParty, taskOf } from '../support/first-party.js';
import { startIssuer } from '../support/start-issuer.js';
import { stillEffects } from '../support/start-run.js';

// Spies on the modules of the built packages. They keep their behavior.
vi.mock('agent-identity-core/http', { spy: true });
vi.mock('agent-identity-jwt', { spy: true });
vi.mock('agent-identity-registry', { spy: true });
vi.mock('../../../agent-identity-registry/dist/registration-url.js', { spy: true });

// Other test files of this worker have loaded the modules without spies, and must not get those with spies.
beforeEach(() => {
  vi.resetModules();
  vi.clearAllMocks();
});
afterEach(() => vi.resetModules());

/** Loads the packages with spies on what they import from each other. */
async function loadSpied() {
  return {
    ...(await import('provider-auth')),
    http: await import('agent-identity-core/http'),
    jwt: await import('agent-identity-jwt'),
    registry: await import('agent-identity-registry'),
    // @boundaries-ignore a module inside the built package
    registrationUrl: await import('../../../agent-identity-registry/dist/registration-url.js'),
  };
}

it('one start with a JWT decodes it once, derives each URL once and creates one auth', async () => {
  const { loadAuth, providerFetch, http, jwt, registry, registrationUrl } = await loadSpied();
  const { record, authapi, provider } = await firstParty();
  const { server, issue } = await startIssuer();
  const token = issue(record);
  const [, payload] = token.split('.');
  const auth = await loadAuth(
    { jwt: token, jwtBaseUrl: `${server.origin}/chatgpt`, authapiBaseUrl: authapi.authapiBaseUrl },
    stillEffects,
  );
  const fetch = providerFetch(auth, { kind: 'first_party', baseUrl: provider.baseUrl });
  const responses = await Promise.all([fetch(provider.baseUrl), fetch(provider.baseUrl)]);
  expect(responses.map(({ status }) => status)).toEqual([200, 200]);

  const decodings = vi.mocked(http.decodeJwtPart).mock.calls.filter(([part]) => part === payload);
  expect(decodings).toHaveLength(1);
  expect(http.decodeUnverifiedJwtPayload).not.toHaveBeenCalled();
  const once = [
    jwt.verifyAgentIdentityJwt,
    jwt.recordFromClaims,
    jwt.agentIdentityJwksUrl,
    jwt.remoteJwks,
    registry.resolveAuthapiBaseUrl,
    registrationUrl.taskRegistrationUrl,
    registry.readAgentIdentity,
    registry.registerRunTask,
    registry.createAgentIdentityAuth,
  ];
  for (const step of once) expect(step, step.name).toHaveBeenCalledTimes(1);

  // The servers saw the same.
  expect(server.requests).toHaveLength(1);
  expect(authapi.requests).toHaveLength(1);
  expect(provider.requests.map(taskOf)).toEqual(['task-1', 'task-1']);
});

it('a replacement creates one more auth, and reads and derives nothing of the start again', async () => {
  const { loadAuth, providerFetch, registry } = await loadSpied();
  const { record, authapi, provider, state } = await firstParty();
  const auth = await loadAuth({ record, authapiBaseUrl: authapi.authapiBaseUrl }, stillEffects);
  const fetch = providerFetch(auth, { kind: 'first_party', baseUrl: provider.baseUrl });
  state.liveTasks.clear();
  expect((await fetch(provider.baseUrl)).status).toBe(200);
  expect(registry.readAgentIdentity).toHaveBeenCalledTimes(1);
  expect(registry.resolveAuthapiBaseUrl).toHaveBeenCalledTimes(1);
  expect(registry.createAgentIdentityAuth).toHaveBeenCalledTimes(2);
});
