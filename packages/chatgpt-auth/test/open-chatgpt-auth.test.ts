import { inspect } from 'node:util';
import {
  type ChatgptAuthEffects,
  formatAuthJson,
  memoryAuthStore,
  type OpenChatgptAuthOptions,
  openChatgptAuth,
  requireAllowedWorkspace,
} from 'chatgpt-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { authServer } from './support/auth-server.js';
import { codeOf } from './support/code-of.js';
import { chatgptAuthJson, clock, jwt, someone, storedRecord } from './support/login.js';
import { recordingStore } from './support/recording-store.js';

describe('without the opt-in', () => {
  it.each([
    ['a stored identity', chatgptAuthJson({}, { agent_identity: storedRecord() })],
    [
      'a stored identity without a task',
      chatgptAuthJson({}, { agent_identity: storedRecord({ task_id: undefined }) }),
    ],
    ['no identity', chatgptAuthJson()],
  ])('%s is left alone, and the store is read once', async (_kind, text) => {
    const server = await authServer();
    const store = recordingStore(memoryAuthStore(text));
    const auth = await openChatgptAuth(
      { store, authapiBaseUrl: server.baseUrl, tokenUrl: server.tokenUrl },
      { clock },
    );
    expect(auth.policy).toBe('jwt-only');
    expect(await auth.agentIdentityAuth()).toBeUndefined();
    expect(await auth.bearerHeaders()).toMatchObject({ 'ChatGPT-Account-ID': someone.accountId });
    expect(store.calls).toEqual(['read']);
    expect(server.requests).toEqual([]);
  });
});

describe('agentIdentityAuth', () => {
  it.each([
    ['nobody', undefined],
    ['an API key', '{"OPENAI_API_KEY": "sk-1"}'],
    ['supplied ChatGPT tokens', chatgptAuthJson({}, { auth_mode: 'chatgptAuthTokens' })],
    ['a personal access token', '{"auth_mode": "personalAccessToken", "personal_access_token": "at-1"}'],
    ['header auth', '{"auth_mode": "headers"}'],
    ['an Agent Identity JWT', formatAuthJson(jwt({ account_id: 'acct-1' }))],
    ['an agent identity record', formatAuthJson(storedRecord({ task_id: undefined }))],
  ])('is undefined for %s', async (_kind, text) => {
    const server = await authServer();
    const store = recordingStore(memoryAuthStore(text));
    const auth = await openChatgptAuth({ store, policy: 'chatgpt-auth', authapiBaseUrl: server.baseUrl });
    expect(await auth.agentIdentityAuth()).toBeUndefined();
    expect(store.calls).toEqual(['read']);
    expect(server.requests).toEqual([]);
  });
});

describe('bearerHeaders', () => {
  it('contain token, account and FedRAMP flag of a ChatGPT login', async () => {
    const store = memoryAuthStore(chatgptAuthJson({ fedramp: true }));
    const auth = await openChatgptAuth({ store }, { clock });
    const headers = await auth.bearerHeaders();
    expect(Object.keys(headers)).toEqual(['Authorization', 'ChatGPT-Account-ID', 'X-OpenAI-Fedramp']);
    expect(headers['Authorization']).toMatch(/^Bearer eyJ/);
    expect(auth.account).toEqual({
      accountId: someone.accountId,
      chatgptUserId: someone.userId,
      email: someone.email,
      planType: 'business',
      isFedramp: true,
    });
  });

  it('prefer the account stored beside the tokens to that of the id token', async () => {
    const text = chatgptAuthJson().replace('"account_id": "acct-1"', '"account_id": "acct-chosen"');
    const auth = await openChatgptAuth({ store: memoryAuthStore(text) }, { clock });
    expect((await auth.bearerHeaders())['ChatGPT-Account-ID']).toBe('acct-chosen');
    expect(auth.account?.accountId).toBe('acct-chosen');
  });

  it('use supplied ChatGPT tokens unchanged, stale or not', async () => {
    const store = recordingStore(
      memoryAuthStore(chatgptAuthJson({ expiresIn: -1 }, { auth_mode: 'chatgptAuthTokens' })),
    );
    const auth = await openChatgptAuth({ store }, { clock });
    expect((await auth.bearerHeaders())['Authorization']).toMatch(/^Bearer eyJ/);
    expect(await codeOf(() => auth.refreshTokens())).toBe('not_chatgpt_auth');
    expect(store.calls).toEqual(['read']);
  });

  it('do not exist for an API key', async () => {
    const auth = await openChatgptAuth({ store: memoryAuthStore('{"OPENAI_API_KEY": "sk-1"}') });
    expect(await codeOf(() => auth.bearerHeaders())).toBe('not_chatgpt_auth');
    expect(auth.account).toBeUndefined();
  });

  it('reject with the reason of an aborted caller', async () => {
    const auth = await openChatgptAuth({ store: memoryAuthStore(chatgptAuthJson()) }, { clock });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(auth.bearerHeaders({ signal })).rejects.toThrow('enough');
  });
});

describe('forcedWorkspaceIds', () => {
  const forcedWorkspaceIds = ['ws-1', 'ws-2'];
  const jwtOf = (accountId: unknown) => formatAuthJson(jwt({ account_id: accountId }));
  it.each([
    ['a ChatGPT login', chatgptAuthJson({ accountId: 'ws-2' })],
    ['supplied tokens', chatgptAuthJson({ accountId: 'ws-1' }, { auth_mode: 'chatgptAuthTokens' })],
    ['a JWT', jwtOf('ws-1')],
    ['a record', formatAuthJson(storedRecord({ account_id: 'ws-1' }))],
    ['an API key, which names no account', '{"OPENAI_API_KEY": "sk-1"}'],
    ['nobody', undefined],
  ])('allows %s of a forced workspace', async (_kind, text) => {
    const auth = await openChatgptAuth({ store: memoryAuthStore(text), forcedWorkspaceIds });
    expect(auth.credentials.kind).not.toBe('other');
  });

  it.each([
    ['a ChatGPT login', chatgptAuthJson({ accountId: 'ws-9' })],
    [
      'a login whose two accounts differ',
      chatgptAuthJson({ accountId: 'ws-1' }).replace('"account_id": "ws-1"', '"account_id": "ws-9"'),
    ],
    [
      'a login whose id token is of another',
      chatgptAuthJson({ accountId: 'ws-9' }).replace('"account_id": "ws-9"', '"account_id": "ws-1"'),
    ],
    ['a login that names no account', chatgptAuthJson({ accountId: undefined })],
    ['supplied tokens', chatgptAuthJson({}, { auth_mode: 'chatgptAuthTokens' })],
    ['a JWT', jwtOf('ws-9')],
    ['a JWT that names no account', jwtOf(undefined)],
    ['a record', formatAuthJson(storedRecord())],
  ])('refuses %s of another workspace', async (_kind, text) => {
    const opening = () => openChatgptAuth({ store: memoryAuthStore(text), forcedWorkspaceIds });
    expect(await codeOf(opening)).toBe('workspace_not_allowed');
  });

  it.each([
    ['a string that the account is a part of', 'my-account-1-x'],
    ['a list with something else in it', ['account-1', 7]],
    ['a list with a blank', ['account-1', ' ']],
    ['an object that has a method of that name', { length: 1, includes: () => true }],
    ['nothing', undefined],
    ['null', null],
  ])('must be a list: %s is refused', async (_kind, forced) => {
    const list = forced as unknown as readonly string[];
    const error = await thrownBy(() => requireAllowedWorkspace('account-1', list));
    expect([error.code, error.retryable]).toEqual(['invalid_argument', false]);
    expect(error.message).toContain('forcedWorkspaceIds');
  });

  it('gives a login without an account the only forced workspace', async () => {
    const store = memoryAuthStore(chatgptAuthJson({ accountId: undefined }));
    const auth = await openChatgptAuth({ store, forcedWorkspaceIds: ['ws-1'] }, { clock });
    expect((await auth.bearerHeaders())['ChatGPT-Account-ID']).toBe('ws-1');
  });
});

describe('openChatgptAuth', () => {
  const store = memoryAuthStore();
  it.each<[string, object]>([
    ['no store', { store: undefined }],
    ['a store that cannot lock', { store: { read: store.read, update: store.update } }],
    ['a store whose check is no function', { store: { ...store, requireWritable: true } }],
    ['a policy of tomorrow', { policy: 'always' }],
    ['a blank base URL', { chatgptBaseUrl: ' ' }],
    ['a workspace that is no list', { forcedWorkspaceIds: 'ws-1' }],
    ['a blank workspace', { forcedWorkspaceIds: [''] }],
    ['half a bill of materials', { abom: { agent_version: '1' } }],
    ['a client id that is a number', { clientId: 7 }],
    ['hosts that are no list', { allowPlainHttpHosts: 'host' }],
  ])('refuses %s', async (_kind, options) => {
    expect(await codeOf(() => openChatgptAuth({ store, ...options } as OpenChatgptAuthOptions))).toBe(
      'invalid_argument',
    );
  });

  it.each(['authapiBaseUrl', 'tokenUrl'])('refuses plain http beyond loopback for %s', async (name) => {
    const insecure = { store, [name]: 'http://auth.example.test/x' };
    expect(await codeOf(() => openChatgptAuth(insecure))).toBe('insecure_url');
    await openChatgptAuth({ ...insecure, allowPlainHttpHosts: ['auth.example.test'] });
  });

  it.each(['fetch', 'clock', 'sleep', 'random'])(
    'refuses an effect %s that is not a function',
    async (name) => {
      const effects = { [name]: 'now' } as unknown as ChatgptAuthEffects;
      expect(await codeOf(() => openChatgptAuth({ store }, effects))).toBe('invalid_argument');
    },
  );

  it('refuses to be called without options', async () => {
    expect(await codeOf(() => openChatgptAuth(undefined as unknown as OpenChatgptAuthOptions))).toBe(
      'invalid_argument',
    );
  });

  it('refuses an unreadable document', async () => {
    expect(await codeOf(() => openChatgptAuth({ store: memoryAuthStore('{') }))).toBe('unreadable_auth_file');
    expect(await codeOf(() => memoryAuthStore(7 as unknown as string))).toBe('invalid_argument');
  });
});

it('ChatGPT auth prints without a secret', async () => {
  const text = chatgptAuthJson({ refreshToken: 'refresh-secret' }, { agent_identity: storedRecord() });
  const auth = await openChatgptAuth({ store: memoryAuthStore(text), policy: 'chatgpt-auth' }, { clock });
  const error = await thrownBy(() =>
    openChatgptAuth({ store: memoryAuthStore(text), forcedWorkspaceIds: ['ws-1'] }),
  );
  await auth.agentIdentityAuth();
  for (const thing of [auth, error, auth.credentials, auth.account]) {
    const printed = inspect(thing, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(thing);
    expect(printed).not.toContain('refresh-secret');
    expect(printed).not.toContain('eyJ');
    expect(printed).not.toContain(storedRecord().agent_private_key);
  }
});
