import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuthStore, type MemoryAuthStore, memoryAuthStore } from 'chatgpt-auth';
import { fileAuthStore } from 'chatgpt-auth/node';
import {
  createRunScope,
  defineProvider,
  loadAuth,
  providerFetch,
  type RunEvent,
  resolveProviderAuth,
} from 'provider-auth';
import { type Answer, deferred, loopbackServer, temporaryFolder, unsignedJwt } from 'test-support';
import { describe, expect, it } from 'vitest';
import { accessToken, chatgptLogin } from '../support/chatgpt-login.js';
import { now } from '../support/first-party.js';

const day = 86_400_000;
const accepted: Answer = ({ body }) => ({ body });

/** A valid access token other than that of the login. */
const newToken = (name: string) => unsignedJwt({ jti: name, exp: (now + 20 * day) / 1000 });

/** The same login with another access token, as another process stores it. */
function loginWith(token: string): string {
  const login = JSON.parse(chatgptLogin());
  return JSON.stringify({ ...login, tokens: { ...login.tokens, access_token: token } });
}

/** A provider that knows the valid tokens, a token endpoint, and a ChatGPT login that both are used with. */
async function signedIn<Store extends AuthStore = MemoryAuthStore>({
  store = memoryAuthStore(chatgptLogin()) as AuthStore as Store,
  clock = () => now,
}: {
  store?: Store;
  clock?: () => number;
} = {}) {
  const validTokens = new Set([accessToken]);
  const events: RunEvent[] = [];
  const state = { answerRefresh: (() => ({ body: { access_token: newToken('refreshed') } })) as Answer };
  const tokenServer = await loopbackServer((request, response) => state.answerRefresh(request, response));
  const provider = await loopbackServer((request, response) => {
    const token = request.headers['authorization']?.replace('Bearer ', '') ?? '';
    return validTokens.has(token) ? accepted(request, response) : { status: 401, body: 'refused' };
  });
  const tokenUrl = `${tokenServer.origin}/oauth/token`;
  const scope = createRunScope({ observers: [{ onEvent: (event) => events.push(event) }] }, { clock });
  const auth = await loadAuth({ store, tokenUrl, clientId: 'client-1', scope });
  const firstParty = { kind: 'first_party', baseUrl: provider.origin } as const;
  return {
    auth,
    events,
    provider,
    state,
    store,
    tokenServer,
    validTokens,
    firstParty: defineProvider(firstParty),
    fetch: providerFetch(auth, firstParty),
    sentTokens: () => provider.requests.map(({ headers }) => headers['authorization']?.slice(7)),
  };
}

const storedToken = async (store: { read(): Promise<string | undefined> }) =>
  JSON.parse((await store.read()) ?? '{}').tokens.access_token;

describe('a ChatGPT token that is about to expire', () => {
  it('is refreshed before the request, at the given URL and for the given client', async () => {
    let time = now;
    const { fetch, provider, tokenServer, validTokens, sentTokens } = await signedIn({ clock: () => time });
    validTokens.add(newToken('refreshed'));
    await fetch(provider.origin);
    time += 10 * day;
    await fetch(provider.origin);
    expect(tokenServer.requests.map(({ path }) => path)).toEqual(['/oauth/token']);
    expect(JSON.parse(tokenServer.requests[0]?.body ?? '')).toMatchObject({ client_id: 'client-1' });
    expect(sentTokens()).toEqual([accessToken, newToken('refreshed')]);
  });

  it.each(['', ' ', 'a\nb'])('is not replaced by an unusable one: %j', async (token) => {
    const clock = () => now + 10 * day - 60_000; // It is valid for another minute.
    const { fetch, provider, state, sentTokens } = await signedIn({ clock });
    state.answerRefresh = () => ({ body: { access_token: token } });
    await fetch(provider.origin);
    expect(sentTokens()).toEqual([accessToken]);
  });
});

describe('a ChatGPT token that the provider refuses with 401', () => {
  it('is replaced by the one that another process has stored, without a refresh', async () => {
    const { fetch, provider, store, tokenServer, validTokens, sentTokens } = await signedIn();
    const stored = newToken('stored');
    await fetch(provider.origin);
    validTokens.delete(accessToken);
    validTokens.add(stored);
    store.replace(loginWith(stored));
    const response = await fetch(provider.origin, { method: 'POST', body: 'text' });
    expect([response.status, await response.text()]).toEqual([200, 'text']);
    expect(sentTokens()).toEqual([accessToken, accessToken, stored]);
    expect(tokenServer.requests).toEqual([]);
  });

  it('is replaced by the one that another process has written to auth.json', async () => {
    const codexHome = await temporaryFolder();
    const file = join(codexHome, 'auth.json');
    await writeFile(file, chatgptLogin(), { mode: 0o600 });
    const { fetch, provider, tokenServer, validTokens, sentTokens } = await signedIn({
      store: fileAuthStore({ codexHome }),
    });
    await fetch(provider.origin);
    const stored = newToken('stored');
    validTokens.clear();
    validTokens.add(stored);
    await writeFile(file, loginWith(stored));
    expect((await fetch(provider.origin)).status).toBe(200);
    expect(sentTokens()).toEqual([accessToken, accessToken, stored]);
    expect(tokenServer.requests).toEqual([]);
  });

  it('is refreshed once and saved, and the request is retried once', async () => {
    const { fetch, provider, store, tokenServer, validTokens, sentTokens } = await signedIn();
    validTokens.clear();
    validTokens.add(newToken('refreshed'));
    const body = new Blob(['streamed']).stream();
    const response = await fetch(provider.origin, { method: 'POST', body, duplex: 'half' });
    expect([response.status, await response.text()]).toEqual([200, 'streamed']);
    expect(sentTokens()).toEqual([accessToken, newToken('refreshed')]);
    expect(tokenServer.requests).toHaveLength(1);
    expect(await storedToken(store)).toBe(newToken('refreshed'));
  });

  it('is refreshed once for concurrent requests', async () => {
    const { fetch, provider, tokenServer, validTokens } = await signedIn();
    validTokens.clear();
    validTokens.add(newToken('refreshed'));
    const responses = await Promise.all(Array.from({ length: 10 }, () => fetch(provider.origin)));
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(tokenServer.requests).toHaveLength(1);
    expect(provider.requests).toHaveLength(20);
  });

  it('and again after the refresh: the second 401 is returned unchanged', async () => {
    const { fetch, provider, tokenServer, validTokens, events } = await signedIn();
    validTokens.clear();
    const response = await fetch(provider.origin);
    expect([response.status, await response.text()]).toEqual([401, 'refused']);
    expect(provider.requests).toHaveLength(2);
    expect(tokenServer.requests).toHaveLength(1);
    expect(events).toEqual([]);
  });

  it('and cannot be refreshed: the 401 is returned unchanged, and observers learn why', async () => {
    const { fetch, provider, state, tokenServer, validTokens, events } = await signedIn();
    validTokens.clear();
    state.answerRefresh = () => ({ status: 401, body: { error: { code: 'refresh_token_reused' } } });
    for (let i = 0; i < 2; i += 1) {
      const response = await fetch(provider.origin);
      expect([response.status, await response.text()]).toEqual([401, 'refused']);
    }
    expect(provider.requests).toHaveLength(2);
    expect(tokenServer.requests).toHaveLength(1); // The rejection is remembered.
    const event = { type: 'bearer_refresh_failed', errorCode: 'token_refresh_rejected' };
    expect(events).toEqual([event, event]);
  });

  it('and belongs to a login that is gone: the 401 is returned, and no other login is used', async () => {
    const { fetch, provider, store, tokenServer, validTokens, events } = await signedIn();
    await fetch(provider.origin);
    validTokens.clear();
    store.replace(chatgptLogin({}, 'another-account'));
    expect((await fetch(provider.origin)).status).toBe(401);
    expect(provider.requests).toHaveLength(2);
    expect(tokenServer.requests).toEqual([]);
    expect(events).toEqual([{ type: 'bearer_refresh_failed', errorCode: 'account_changed' }]);
  });

  it('is replaced for clients without fetch, such as a WebSocket handshake', async () => {
    const { auth, firstParty, provider, validTokens } = await signedIn();
    const resolved = await resolveProviderAuth({ auth, provider: firstParty });
    validTokens.clear();
    const credentials = resolved.webSocketHeaders(provider.origin.replace('http', 'ws'));
    const next = await credentials.afterResponse({ status: 401 });
    expect(next?.headers).toMatchObject({ Authorization: `Bearer ${newToken('refreshed')}` });
    expect(await next?.afterResponse({ status: 401 })).toBeUndefined();
  });

  it('ends the wait of an aborted request only', async () => {
    const { fetch, provider, state, validTokens } = await signedIn();
    validTokens.clear();
    validTokens.add(newToken('refreshed'));
    const refreshing = deferred();
    const proceed = deferred();
    state.answerRefresh = async () => {
      refreshing.resolve();
      await proceed.promise;
      return { body: { access_token: newToken('refreshed') } };
    };
    const controller = new AbortController();
    const aborted = fetch(provider.origin, { signal: controller.signal });
    const other = fetch(provider.origin);
    await refreshing.promise;
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    proceed.resolve();
    expect((await other).status).toBe(200);
  });

  it.each([400, 403, 429, 500])('is kept after status %i', async (status) => {
    const { auth, firstParty, tokenServer } = await signedIn();
    const resolved = await resolveProviderAuth({ auth, provider: firstParty });
    const credentials = resolved.credentialsFor(firstParty.baseUrl);
    expect(await credentials.afterResponse({ status })).toBeUndefined();
    expect(tokenServer.requests).toEqual([]);
  });
});

it('ChatGPT tokens of another program are not refreshed: a 401 is returned unchanged', async () => {
  const store = memoryAuthStore(chatgptLogin({ auth_mode: 'chatgptAuthTokens' }));
  const { fetch, provider, tokenServer, validTokens, events } = await signedIn({ store });
  validTokens.clear();
  expect((await fetch(provider.origin)).status).toBe(401);
  expect(provider.requests).toHaveLength(1);
  expect(tokenServer.requests).toEqual([]);
  expect(events).toEqual([]);
});

it('a 401 for an API key is returned unchanged, and no other credential is tried', async () => {
  const provider = await loopbackServer(() => ({ status: 401, body: 'refused' }));
  const fetch = providerFetch(await loadAuth({ apiKey: 'sk-test' }), {
    kind: 'first_party',
    baseUrl: provider.origin,
  });
  const response = await fetch(provider.origin);
  expect([response.status, await response.text()]).toEqual([401, 'refused']);
  expect(provider.requests).toHaveLength(1);
});
