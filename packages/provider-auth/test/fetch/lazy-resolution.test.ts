import { memoryAuthStore } from 'chatgpt-auth';
import { createRunScope, defineProvider, loadAuth, providerFetch, resolveProviderAuth } from 'provider-auth';
import { deferred, loopbackServer, thrownBy } from 'test-support';
import { describe, expect, it, vi } from 'vitest';
import { chatgptLogin } from '../support/chatgpt-login.js';
import { accountId, firstParty, taskOf } from '../support/first-party.js';
import { stillEffects } from '../support/start-run.js';

/** A ChatGPT login that has to register an agent identity when it is resolved for a first-party provider. */
async function unresolved() {
  const world = await firstParty();
  const { provider } = world;
  let registrations = 0;
  const answerRegistration = ({ path }: { path: string }) => {
    if (path.endsWith('/v1/agent/register')) return { body: { agent_runtime_id: 'agent-1' } };
    registrations += 1;
    return { body: { task_id: `task-${registrations}` } };
  };
  world.state.answerRegistration = answerRegistration;
  const other = await loopbackServer(() => ({ body: 'accepted' }));
  const auth = await loadAuth(
    {
      store: memoryAuthStore(chatgptLogin({}, `${accountId}-${Math.random()}`)),
      policy: 'chatgpt-auth',
      authapiBaseUrl: world.authapi.authapiBaseUrl,
    },
    stillEffects,
  );
  const fetch = providerFetch(auth, { kind: 'first_party', baseUrl: `${other.origin}/v1` });
  return {
    world,
    provider,
    answerRegistration,
    server: other,
    url: `${other.origin}/v1/responses`,
    auth,
    fetch,
  };
}

describe('providerFetch with the result of loadAuth', () => {
  it('resolves the credentials at the first request, once for concurrent requests', async () => {
    const { world, server, url, fetch } = await unresolved();
    expect(world.authapi.requests).toEqual([]);
    await Promise.all([fetch(url), fetch(url), fetch(url)]);
    await fetch(url);
    expect(world.authapi.requests.map(({ path }) => path.split('/').at(-2))).toEqual(['agent', 'task']);
    expect(server.requests.map(taskOf)).toEqual(['task-1', 'task-1', 'task-1', 'task-1']);
  });

  it('resolves again after a failure', async () => {
    const { world, answerRegistration, url, fetch } = await unresolved();
    world.state.answerRegistration = () => ({ status: 400, body: 'refused' });
    expect((await thrownBy(() => fetch(url))).code).toBe('registration_refused');
    world.state.answerRegistration = answerRegistration;
    expect((await fetch(url)).status).toBe(200);
  });

  it('resolves nothing for requests to other URLs', async () => {
    const { world, server, fetch } = await unresolved();
    await fetch(`${server.origin}/v2/responses`, { headers: { authorization: 'Bearer of-caller' } });
    expect(server.requests[0]?.headers).toHaveProperty('authorization', 'Bearer of-caller');
    expect(world.authapi.requests).toEqual([]);
  });

  it('ends the wait of an aborted request, and the resolution continues', async () => {
    const { world, answerRegistration, url, fetch } = await unresolved();
    const registering = deferred();
    const proceed = deferred();
    world.state.answerRegistration = async (request) => {
      registering.resolve();
      await proceed.promise;
      return answerRegistration(request);
    };
    const controller = new AbortController();
    const aborted = fetch(url, { signal: controller.signal });
    await registering.promise;
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    proceed.resolve();
    expect((await fetch(url)).status).toBe(200);
    expect(world.authapi.requests).toHaveLength(2);
  });

  it('cancels a streamed body if the resolution fails', async () => {
    const fetch = providerFetch(await loadAuth(), { kind: 'first_party', baseUrl: 'https://a.test' });
    const cancel = vi.fn();
    const body = new ReadableStream({ cancel });
    const error = await thrownBy(() => fetch('https://a.test/x', { method: 'POST', body, duplex: 'half' }));
    expect(error.code).toBe('no_credentials');
    await vi.waitFor(() => expect(cancel).toHaveBeenCalledWith(error));
  });

  it('takes a defined provider too', async () => {
    const server = await loopbackServer(() => ({}));
    const provider = defineProvider({ kind: 'bearer', baseUrl: server.origin, bearerToken: 'own-token' });
    await providerFetch(await loadAuth(), provider)(server.origin);
    expect(server.requests[0]?.headers).toHaveProperty('authorization', 'Bearer own-token');
  });

  it('resolves in the run that the auth was loaded in', async () => {
    const world = await firstParty();
    const { record, authapi, provider } = world;
    const scope = createRunScope({}, stillEffects);
    const auth = await loadAuth({ record, authapiBaseUrl: authapi.authapiBaseUrl, scope });
    world.state.serverNow = Date.UTC(2026, 3, 23, 1);
    await providerFetch(auth, { kind: 'first_party', baseUrl: provider.baseUrl })(provider.baseUrl);
    expect(scope.clockOffsetSeconds).toBe(3600);
  });

  it.each<[title: string, provider: unknown, code: string]>([
    ['no provider', undefined, 'invalid_argument'],
    ['an unknown kind', { kind: 'azure', baseUrl: 'https://a.test' }, 'unknown_provider'],
    ['plain http', { kind: 'first_party', baseUrl: 'http://a.test' }, 'insecure_url'],
    ['a mistyped option', { kind: 'first_party', baseURL: 'https://a.test' }, 'invalid_argument'],
  ])('refuses %s at once', async (_, provider, code) => {
    const auth = await loadAuth({ apiKey: 'sk-test' });
    expect(thrownBy(() => providerFetch(auth, provider as never)).code).toBe(code);
  });
});

it('refuses effects in the wrong place, instead of ignoring them', async () => {
  const { auth, server } = await unresolved();
  const resolved = await resolveProviderAuth({
    auth,
    provider: defineProvider({ kind: 'no_auth', baseUrl: server.origin }),
  });
  const wrong = providerFetch as (...args: unknown[]) => unknown;
  expect(() => wrong(resolved, undefined, { fetch })).toThrow(
    expect.objectContaining({ code: 'invalid_argument' }),
  );
});
