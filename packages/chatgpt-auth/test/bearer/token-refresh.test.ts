import { inspect } from 'node:util';
import { type AuthStore, type MemoryAuthStore, memoryAuthStore, openChatgptAuth } from 'chatgpt-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type Answers, type AuthServer, authServer } from '../support/auth-server.js';
import { codeOf } from '../support/code-of.js';
import { accessToken, chatgptAuthJson, clock, idToken, type Login, now, someone } from '../support/login.js';
import { recordingStore } from '../support/recording-store.js';

const minutes = 60;
const days = 24 * 60 * minutes;
const answer = { access_token: accessToken('second'), refresh_token: 'refresh-token-2' };
const refreshed: Answers = { refresh: () => ({ body: answer }) };

function open(store: AuthStore, { tokenUrl }: AuthServer) {
  return openChatgptAuth({ store, tokenUrl }, { clock });
}

function bearer(token: string): string {
  return `Bearer ${token}`;
}

/** Refresh tokens of one test alone: a process remembers the rejected ones. */
let unique = 0;
function stale(login: Login = {}): { store: MemoryAuthStore; refreshToken: string } {
  unique += 1;
  const refreshToken = login.refreshToken ?? `refresh-token-of-test-${unique}`;
  return {
    store: memoryAuthStore(chatgptAuthJson({ expiresIn: -60, ...login, refreshToken })),
    refreshToken,
  };
}

describe('bearerHeaders', () => {
  it.each<[string, Login]>([
    ['expires within 5 minutes', { expiresIn: 5 * minutes }],
    ['has expired', { expiresIn: -1 }],
  ])('refreshes tokens first when the access token %s', async (_kind, login) => {
    const server = await authServer(refreshed);
    const auth = await open(stale({ ...login }).store, server);
    expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(answer.access_token));
    expect(server.counts.refresh).toBe(1);
  });

  it.each<[string, Login]>([
    ['expires later', { expiresIn: 5 * minutes + 1 }],
    ['expires later and was refreshed long ago', { expiresIn: 864_000, refreshedAgo: 80 * days }],
  ])('does not refresh when the access token %s', async (_kind, login) => {
    const server = await authServer(refreshed);
    const auth = await open(memoryAuthStore(chatgptAuthJson(login)), server);
    await auth.bearerHeaders();
    expect(server.requests).toEqual([]);
  });

  it('refreshes tokens over 8 days old only if the access token names no expiry', async () => {
    for (const [refreshedAgo, refreshes] of [
      [8 * days, 0],
      [8 * days + 1, 1],
    ] as const) {
      const server = await authServer(refreshed);
      const { store } = stale({ refreshedAgo });
      const opaque = ((await store.read()) ?? '').replace(
        /"access_token": ".*?"/,
        '"access_token": "opaque"',
      );
      store.replace(opaque);
      await (await open(store, server)).bearerHeaders();
      expect(server.counts.refresh).toBe(refreshes);
    }
  });

  it('sends the client, the grant and the refresh token, and no credentials in a header', async () => {
    const server = await authServer(refreshed);
    const { store, refreshToken } = stale();
    await (await open(store, server)).bearerHeaders();
    const [request] = server.requests;
    expect(JSON.parse(request?.body ?? '')).toEqual({
      client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
    expect(request?.headers['authorization']).toBeUndefined();
    expect(request?.headers['content-type']).toBe('application/json');
  });

  it('identifies the client program, by default and as given', async () => {
    const server = await authServer(refreshed);
    await (await open(stale().store, server)).bearerHeaders();
    const named = { userAgent: 'my_agent/1.2.3', originator: 'my_agent' };
    const auth = await openChatgptAuth(
      { store: stale().store, tokenUrl: server.tokenUrl, ...named },
      { clock },
    );
    await auth.bearerHeaders();
    expect(server.requests.map(({ headers }) => [headers['user-agent'], headers['originator']])).toEqual([
      [expect.stringMatching(/^agent-identity-ts\/\d/), 'agent-identity-ts'],
      ['my_agent/1.2.3', 'my_agent'],
    ]);
    for (const bad of [{ userAgent: 'a\nb' }, { originator: 'a b' }]) {
      expect(await codeOf(() => openChatgptAuth({ store: stale().store, ...bad }))).toBe('invalid_argument');
    }
  });

  it.each([
    ['challenge', { 'cf-mitigated': 'challenge' }, undefined],
    ['country', {}, { error: { code: 'unsupported_country_region_territory' } }],
  ])(
    'explains a 403 that is about the %s, which is not final for the token',
    async (words, headers, body) => {
      const server = await authServer({ refresh: () => ({ status: 403, headers: { ...headers }, body }) });
      const error = await thrownBy(async () => (await open(stale().store, server)).bearerHeaders());
      expect(error.code).toBe('token_refresh_failed');
      expect(error.message).toContain(words);
    },
  );

  it('stores the new tokens and changes nothing else in the document', async () => {
    const server = await authServer({
      refresh: () => ({ body: { ...answer, id_token: idToken({ ...someone, plan: 'enterprise' }) } }),
    });
    const { store } = stale();
    const before = ((await store.read()) ?? '').replace('{', '{\n  "unknown": 1.0e2,');
    store.replace(before);
    const auth = await open(store, server);
    await auth.bearerHeaders();
    const after = (await store.read()) ?? '';
    const lines = before.split('\n');
    const changed = after.split('\n').filter((line, i) => line !== lines[i]);
    expect(changed.map((line) => line.trim().split('"')[1])).toEqual([
      'id_token',
      'access_token',
      'refresh_token',
      'last_refresh',
    ]);
    expect(JSON.parse(after)).toMatchObject({
      tokens: { ...answer, account_id: someone.accountId },
      last_refresh: new Date(now * 1000).toISOString(),
    });
    expect(auth.account?.planType).toBe('enterprise');
  });

  it('keeps the tokens that the response omits', async () => {
    const server = await authServer({ refresh: () => ({ body: { access_token: answer.access_token } }) });
    const { store, refreshToken } = stale();
    await (await open(store, server)).bearerHeaders();
    expect(JSON.parse((await store.read()) ?? '').tokens.refresh_token).toBe(refreshToken);
  });
});

describe('a refresh token', () => {
  it('is spent once by concurrent callers', async () => {
    const server = await authServer(refreshed);
    const auth = await open(stale().store, server);
    const headers = await Promise.all(Array.from({ length: 20 }, () => auth.bearerHeaders()));
    expect(new Set(headers.map((one) => one['Authorization']))).toEqual(
      new Set([bearer(answer.access_token)]),
    );
    expect(server.counts.refresh).toBe(1);
  });

  it('is spent once by several sessions on the same store', async () => {
    const server = await authServer(refreshed);
    const { store } = stale();
    const auths = await Promise.all(Array.from({ length: 8 }, () => open(store, server)));
    await Promise.all(auths.map((auth) => auth.bearerHeaders()));
    expect(server.counts.refresh).toBe(1);
  });

  it('is not spent when another process has stored fresh tokens', async () => {
    const server = await authServer(refreshed);
    const { store } = stale();
    const auth = await open(store, server);
    store.replace(chatgptAuthJson({ refreshToken: 'from-elsewhere' }));
    expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(accessToken('first')));
    expect(server.counts.refresh).toBe(0);
  });

  it('is dropped in favor of tokens that were stored during the request', async () => {
    const { store } = stale();
    const server = await authServer({
      refresh: () => {
        store.replace(chatgptAuthJson({ refreshToken: 'from-elsewhere' }));
        return { body: answer };
      },
    });
    const auth = await open(store, server);
    expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(accessToken('first')));
    expect(JSON.parse((await store.read()) ?? '').tokens.refresh_token).toBe('from-elsewhere');
  });

  it('can be spent by another client first, if that client has stored its tokens', async () => {
    const { store } = stale();
    const server = await authServer({
      refresh: () => {
        store.replace(chatgptAuthJson({ refreshToken: 'from-elsewhere' }));
        return { status: 401, body: { error: { code: 'refresh_token_reused' } } };
      },
    });
    const auth = await open(store, server);
    await auth.refreshTokens();
    expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(accessToken('first')));
  });

  it('is still spent for the others when one caller aborts', async () => {
    const server = await authServer(refreshed);
    const auth = await open(stale().store, server);
    const controller = new AbortController();
    const aborted = auth.bearerHeaders({ signal: controller.signal });
    const other = auth.bearerHeaders();
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect((await other)['Authorization']).toBe(bearer(answer.access_token));
  });
});

describe('refreshTokens', () => {
  it('takes other stored tokens without a request', async () => {
    const server = await authServer(refreshed);
    const store = memoryAuthStore(chatgptAuthJson());
    const auth = await open(store, server);
    store.replace(chatgptAuthJson().replace(accessToken('first'), accessToken('other')));
    await auth.refreshTokens();
    expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(accessToken('other')));
    expect(server.counts.refresh).toBe(0);
  });

  it('spends the refresh token if the stored tokens are the refused ones', async () => {
    const server = await authServer(refreshed);
    const auth = await open(memoryAuthStore(chatgptAuthJson({ refreshToken: 'refused-1' })), server);
    await auth.refreshTokens();
    expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(answer.access_token));
  });

  it('does nothing if the tokens in use are not the refused ones', async () => {
    const server = await authServer(refreshed);
    const auth = await open(memoryAuthStore(chatgptAuthJson()), server);
    await auth.refreshTokens({ refusedAccessToken: accessToken('long gone') });
    expect(server.counts.refresh).toBe(0);
  });
});

describe('a permanent failure', () => {
  it.each([
    [401, { error: { code: 'refresh_token_expired', message: 'no' } }],
    [401, { error: { code: 'some_code_of_tomorrow' } }],
    [401, undefined],
    [400, { error: { code: 'REFRESH_TOKEN_REUSED' } }],
    [400, { error: 'Refresh_Token_Expired' }],
    [403, { code: 'refresh_token_invalidated' }],
    [400, { error: 'invalid_grant', error_description: 'no' }],
    [400, { error: { type: 'x' }, code: 'refresh_token_reused' }],
  ])('(status %i with %j) is remembered and not retried', async (status, body) => {
    const server = await authServer({ refresh: () => ({ status, body }) });
    const { store } = stale();
    const auth = await open(store, server);
    const before = await store.read();
    const error = await thrownBy(() => auth.bearerHeaders());
    expect([error.code, error.retryable]).toEqual(['token_refresh_rejected', false]);
    expect(await codeOf(() => auth.bearerHeaders())).toBe('token_refresh_rejected');
    expect(await codeOf(async () => (await open(store, server)).bearerHeaders())).toBe(
      'token_refresh_rejected',
    );
    expect(server.counts.refresh).toBe(1);
    expect(await store.read()).toBe(before);
  });

  it('does not concern another login', async () => {
    const server = await authServer({
      refresh: (_request, count) =>
        count === 1 ? { status: 400, body: { error: 'invalid_grant' } } : { body: answer },
    });
    const { store } = stale();
    const auth = await open(store, server);
    expect(await codeOf(() => auth.bearerHeaders())).toBe('token_refresh_rejected');
    store.replace(chatgptAuthJson({ expiresIn: -1, refreshToken: 'after-a-new-login' }));
    expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(answer.access_token));
  });

  it('does not withhold an access token that has not expired', async () => {
    const server = await authServer({ refresh: () => ({ status: 400, body: { error: 'invalid_grant' } }) });
    const { store } = stale({ expiresIn: 3 * minutes });
    const auth = await open(store, server);
    expect((await auth.bearerHeaders())['Authorization']).toMatch(/^Bearer eyJ/);
    expect(await codeOf(() => auth.refreshTokens())).toBe('token_refresh_rejected');
    expect(server.counts.refresh).toBe(1);
  });
});

describe('a temporary failure', () => {
  it.each([
    [429, true],
    [500, true],
    [503, true],
    [400, false],
    [404, false],
    [302, false],
  ])('(status %i) is a failed refresh, retryable: %s', async (status, retryable) => {
    const server = await authServer({
      refresh: () => ({
        status,
        headers: { location: '/authapi/v1/agent/register' },
        body: { error: 'server_error' },
      }),
    });
    const { store } = stale();
    const auth = await open(store, server);
    const error = await thrownBy(() => auth.bearerHeaders());
    expect([error.code, error.retryable]).toEqual(['token_refresh_failed', retryable]);
    expect(server.requests).toHaveLength(1);
    await thrownBy(() => auth.bearerHeaders());
    expect(server.requests).toHaveLength(2);
  });

  it('is what a permanent code with a server error means', async () => {
    const server = await authServer({ refresh: () => ({ status: 500, body: { error: 'invalid_grant' } }) });
    expect(await codeOf(async () => (await open(stale().store, server)).bearerHeaders())).toBe(
      'token_refresh_failed',
    );
  });

  it.each([
    ['no JSON', undefined],
    ['no object', []],
    ['no token', {}],
    ['an error', { error: 'invalid_grant' }],
    ['an error beside tokens', { ...answer, error: { code: 'server_error' } }],
    ['an access token that no header can hold', { access_token: 'a\nb' }],
    ['an id token that is no JWT', { ...answer, id_token: 'opaque' }],
  ])('is what a response with %s means', async (_kind, body) => {
    const server = await authServer({ refresh: () => ({ body }) });
    const { store } = stale();
    const before = await store.read();
    expect(await codeOf(async () => (await open(store, server)).bearerHeaders())).toBe(
      'token_refresh_failed',
    );
    expect(await store.read()).toBe(before);
  });

  it('is what a failed connection means', async () => {
    const auth = await openChatgptAuth(
      { store: stale().store, tokenUrl: 'http://127.0.0.1:9/oauth/token' },
      { clock },
    );
    expect(await thrownBy(() => auth.bearerHeaders())).toMatchObject({
      code: 'token_refresh_failed',
      retryable: true,
    });
  });

  it('leaves no token in the error, even if the response echoes it', async () => {
    const { store, refreshToken } = stale();
    const server = await authServer({
      refresh: ({ body }) => ({ status: 400, body: { error: 'invalid_grant', echo: body } }),
    });
    const rejected = await thrownBy(async () => (await open(store, server)).bearerHeaders());
    const failed = await thrownBy(async () =>
      (
        await openChatgptAuth(
          { store: memoryAuthStore(chatgptAuthJson({ expiresIn: -1, refreshToken: 'secret-2' })) },
          { clock, fetch: () => Promise.reject(new Error('connect failed with secret-2')) },
        )
      ).bearerHeaders(),
    );
    for (const [error, secret] of [
      [rejected, refreshToken],
      [failed, 'secret-2'],
    ] as const) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
    }
  });
});

describe('an unexpired access token', () => {
  /** A clock that the test moves, in seconds. */
  function watch() {
    const time = { seconds: now };
    const clock = () => time.seconds * 1000;
    return { effects: { clock, monotonicClock: clock }, time };
  }

  it.each([
    ['a server that is down', { status: 503 }],
    ['a refused refresh token', { status: 400, body: { error: 'invalid_grant' } }],
  ])('with %s is refreshed at most once a minute', async (_kind, reply) => {
    const server = await authServer({ refresh: () => reply });
    const { effects, time } = watch();
    const store = recordingStore(stale({ expiresIn: 4 * minutes }).store);
    const auth = await openChatgptAuth({ store, tokenUrl: server.tokenUrl }, effects);
    for (let i = 0; i < 10; i += 1) await auth.bearerHeaders();
    expect(server.counts.refresh).toBe(1);
    const { length } = store.calls;
    time.seconds += 59;
    await auth.bearerHeaders();
    expect(store.calls).toHaveLength(length);
    time.seconds += 1;
    await auth.bearerHeaders();
    expect(store.calls.length).toBeGreaterThan(length);
    expect(server.counts.refresh).toBe(reply.status === 503 ? 2 : 1);
  });

  it('is refreshed with each request after it has expired', async () => {
    const server = await authServer({ refresh: () => ({ status: 503 }) });
    const { effects, time } = watch();
    const auth = await openChatgptAuth(
      { store: stale({ expiresIn: 30 }).store, tokenUrl: server.tokenUrl },
      effects,
    );
    await auth.bearerHeaders();
    time.seconds += 30;
    expect(await codeOf(() => auth.bearerHeaders())).toBe('token_refresh_failed');
    expect(await codeOf(() => auth.bearerHeaders())).toBe('token_refresh_failed');
    expect(server.counts.refresh).toBe(3);
  });

  it('is replaced at once when a server refused it', async () => {
    const server = await authServer({
      refresh: (_request, count) => (count === 1 ? { status: 503 } : { body: answer }),
    });
    const auth = await open(stale({ expiresIn: 4 * minutes }).store, server);
    await auth.bearerHeaders();
    await auth.refreshTokens();
    expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(answer.access_token));
  });

  it('with a lifetime below 5 minutes is refreshed once a minute by all sessions together', async () => {
    const server = await authServer({
      refresh: (_request, count) => ({
        body: { access_token: accessToken(`short-${count}`, 3 * minutes), refresh_token: `short-${count}` },
      }),
    });
    const { effects, time } = watch();
    const { store } = stale();
    const both = await Promise.all(
      [1, 2].map(() => openChatgptAuth({ store, tokenUrl: server.tokenUrl }, effects)),
    );
    for (const auth of [...both, ...both, ...both]) {
      expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(accessToken('short-1', 3 * minutes)));
    }
    expect(server.counts.refresh).toBe(1);
    time.seconds += 60;
    for (const auth of both) await auth.bearerHeaders();
    expect(server.counts.refresh).toBe(2);
  });
});

describe('a changed login', () => {
  it.each<[string, string | undefined, string]>([
    ['a logout', undefined, 'logged_out'],
    ['another account', chatgptAuthJson({ accountId: 'acct-2' }), 'account_changed'],
    ['another user', chatgptAuthJson({ userId: 'user-2' }), 'account_changed'],
    ['an API key', '{"OPENAI_API_KEY": "sk-1"}', 'account_changed'],
    ['a broken document', '{', 'unreadable_auth_file'],
  ])('(%s during the request) is not undone', async (_kind, text, code) => {
    const { store } = stale();
    const server = await authServer({
      refresh: () => {
        store.replace(text);
        return { body: answer };
      },
    });
    const auth = await open(store, server);
    expect(await codeOf(() => auth.bearerHeaders())).toBe(code);
    expect(await store.read()).toBe(text);
    // A broken document is repaired by its writer; everything else stays an error.
    if (code === 'unreadable_auth_file') return;
    expect(await codeOf(() => auth.bearerHeaders())).toBe(code);
  });

  it.each<[string, Login]>([
    ['that names no user', { userId: undefined }],
    ['that names no account', { accountId: undefined }],
  ])('%s is not treated as the one that was opened', async (_kind, login) => {
    const server = await authServer(refreshed);
    const { store } = stale();
    const auth = await open(store, server);
    store.replace(chatgptAuthJson(login));
    expect(await codeOf(() => auth.bearerHeaders())).toBe('account_changed');
    store.replace(chatgptAuthJson({ userId: 'user-2' }));
    expect(await codeOf(() => auth.bearerHeaders())).toBe('account_changed');
    expect(server.requests).toEqual([]);
  });

  it('can add a user that was unknown before, and is bound to it from then on', async () => {
    const server = await authServer(refreshed);
    const { store } = stale({ userId: undefined });
    const auth = await open(store, server);
    store.replace(chatgptAuthJson({ refreshToken: 'learned', expiresIn: 6 * minutes }));
    await auth.bearerHeaders();
    expect(auth.account?.chatgptUserId).toBe(someone.userId);
    store.replace(chatgptAuthJson({ userId: 'user-2' }));
    expect(await codeOf(() => auth.refreshTokens())).toBe('account_changed');
    expect(server.requests).toEqual([]);
  });

  it('of another workspace than the forced one is not used', async () => {
    const server = await authServer(refreshed);
    const store = memoryAuthStore(chatgptAuthJson({ accountId: 'ws-1', expiresIn: -1 }));
    const options = { store, tokenUrl: server.tokenUrl, forcedWorkspaceIds: ['ws-1'] };
    const auth = await openChatgptAuth(options, { clock });
    store.replace(chatgptAuthJson({ accountId: 'ws-9' }));
    expect(await codeOf(() => auth.bearerHeaders())).toBe('workspace_not_allowed');
    expect(server.requests).toEqual([]);
  });

  it('(a logout before the request) sends nothing', async () => {
    const server = await authServer(refreshed);
    const { store } = stale();
    const auth = await open(store, server);
    store.replace(undefined);
    expect(await codeOf(() => auth.bearerHeaders())).toBe('logged_out');
    expect(server.requests).toEqual([]);
  });

  it('(tokens of another account in the response) is not stored', async () => {
    const server = await authServer({
      refresh: () => ({ body: { ...answer, id_token: idToken({ ...someone, userId: 'user-2' }) } }),
    });
    const { store } = stale();
    const before = await store.read();
    expect(await codeOf(async () => (await open(store, server)).bearerHeaders())).toBe('account_changed');
    expect(await store.read()).toBe(before);
  });
});

it('tokens that cannot be stored are reported once and not lost', async () => {
  const server = await authServer(refreshed);
  const { store } = stale();
  const full: AuthStore = {
    ...store,
    update: async (edit) => {
      edit(await store.read());
      throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
    },
  };
  const auth = await open(full, server);
  await expect(auth.bearerHeaders()).rejects.toThrow('disk full');
  expect((await auth.bearerHeaders())['Authorization']).toBe(bearer(answer.access_token));
  expect(server.counts.refresh).toBe(1);
});

it('fresh tokens do not read the store', async () => {
  const store = recordingStore(memoryAuthStore(chatgptAuthJson()));
  const auth = await openChatgptAuth({ store }, { clock });
  await auth.bearerHeaders();
  await auth.bearerHeaders();
  expect(store.calls).toEqual(['read']);
});
