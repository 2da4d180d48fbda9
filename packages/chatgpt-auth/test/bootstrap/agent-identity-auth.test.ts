import { readAgentKey, readSshPublicKey, verifyTaskRegistration } from 'agent-identity-core';
import { type AuthStore, memoryAuthStore, type OpenChatgptAuthOptions, openChatgptAuth } from 'chatgpt-auth';
import fc from 'fast-check';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type Answers, type AuthServer, authServer } from '../support/auth-server.js';
import { codeOf } from '../support/code-of.js';
import {
  accessToken,
  chatgptAuthJson,
  clock,
  jwt,
  type Login,
  someone,
  storedRecord,
} from '../support/login.js';
import { recordingStore } from '../support/recording-store.js';

const effects = { clock, sleep: async () => undefined };

function optIn(
  store: AuthStore,
  { baseUrl, tokenUrl }: AuthServer,
  options: Partial<OpenChatgptAuthOptions> = {},
) {
  return openChatgptAuth(
    { store, policy: 'chatgpt-auth', authapiBaseUrl: baseUrl, tokenUrl, ...options },
    effects,
  );
}

async function identityOf(store: { read(): Promise<string | undefined> }) {
  return JSON.parse((await store.read()) ?? '{}').agent_identity;
}

describe('a ChatGPT login without an identity', () => {
  it('registers a runtime and a task, and signs with them', async () => {
    const server = await authServer();
    const store = memoryAuthStore(chatgptAuthJson());
    const auth = await (await optIn(store, server)).agentIdentityAuth();
    expect(server.counts).toEqual({ runtime: 1, task: 1, refresh: 0 });
    expect(auth?.runTaskId).toBe('task-1');
    expect(auth?.headers()).toMatchObject({
      Authorization: expect.stringMatching(/^AgentAssertion /),
      'ChatGPT-Account-ID': someone.accountId,
    });
  });

  it('sends the access token, the bill of materials and a new key', async () => {
    const server = await authServer();
    const store = memoryAuthStore(chatgptAuthJson({ fedramp: true }));
    const abom = { agent_version: '1.2.3', agent_harness_id: 'my-agent', running_location: 'ci-linux' };
    await (await optIn(store, server, { abom })).agentIdentityAuth();
    const [runtime, task] = server.requests;
    expect(runtime?.headers['authorization']).toBe(`Bearer ${accessToken('first')}`);
    expect(runtime?.headers['x-openai-fedramp']).toBe('true');
    expect(JSON.parse(runtime?.body ?? '')).toMatchObject({
      abom,
      capabilities: ['responsesapi'],
      ttl: null,
    });
    const { agent_public_key: publicKey } = JSON.parse(runtime?.body ?? '');
    const key = readAgentKey((await identityOf(store)).agent_private_key);
    expect(key.publicKey.ssh).toBe(publicKey);
    expect(task?.headers['authorization']).toBeUndefined();
    verifyTaskRegistration(
      { agentRuntimeId: 'runtime-1', ...JSON.parse(task?.body ?? '') },
      { publicKey: readSshPublicKey(publicKey) },
      { clock },
    );
  });

  it('identifies the client in both registrations, by default and as given', async () => {
    const names = async (options: Partial<OpenChatgptAuthOptions>) => {
      const server = await authServer();
      await (await optIn(memoryAuthStore(chatgptAuthJson()), server, options)).agentIdentityAuth();
      return server.requests.map(({ headers }) => [headers['user-agent'], headers['originator']]);
    };
    const ours = [expect.stringMatching(/^agent-identity-ts\/\d/), 'agent-identity-ts'];
    expect(await names({})).toEqual([ours, ours]);
    const given = { userAgent: 'my_agent/1.2.3', originator: 'my_agent' };
    expect(await names(given)).toEqual([Object.values(given), Object.values(given)]);
  });

  it('stores a record in the order of the published client', async () => {
    const store = memoryAuthStore(chatgptAuthJson({ plan: 'hc', email: undefined }));
    await (await optIn(store, await authServer())).agentIdentityAuth();
    expect(Object.entries(await identityOf(store))).toEqual([
      ['agent_runtime_id', 'runtime-1'],
      ['agent_private_key', expect.stringMatching(/^MC4CAQAw/)],
      ['account_id', someone.accountId],
      ['chatgpt_user_id', someone.userId],
      ['email', ''],
      ['plan_type', 'hc'],
      ['chatgpt_account_is_fedramp', false],
      ['task_id', 'task-1'],
    ]);
  });

  it('changes nothing else in any document', async () => {
    const server = await authServer();
    const json = fc.json().map((text) => JSON.parse(text));
    const name = fc
      .string()
      .filter((key) => !(key in JSON.parse(chatgptAuthJson({}, { agent_identity: 1 }))));
    const more = fc.array(fc.tuple(name, json));
    const space = fc.constantFrom('', ' ', '\n', '\n  ', '\n\t', '\r\n    ');
    await fc.assert(
      fc.asyncProperty(more, space, fc.constantFrom(':', ': ', ' : '), async (members, gap, colon) => {
        const all = [...Object.entries(JSON.parse(chatgptAuthJson())), ...members];
        const written = all.map(
          ([key, value]) => `${gap}${JSON.stringify(key)}${colon}${JSON.stringify(value)}`,
        );
        const before = `{${written.join(',')}${gap}}`;
        const store = memoryAuthStore(before);
        await (await optIn(store, server)).agentIdentityAuth();
        const after = (await store.read()) ?? '';
        const added = after.length - before.length;
        const at = before.length - gap.length - 1;
        expect(after.slice(0, at) + after.slice(at + added)).toBe(before);
        expect(JSON.parse(`{${after.slice(at + 1, at + added)}}`)).toEqual({
          agent_identity: await identityOf(store),
        });
      }),
      { numRuns: 60 },
    );
  });

  it('keeps numbers, duplicate unknown members and odd names as they are written', async () => {
    const odd = '"n": 12345678901234567890.10E+5, "__proto__": {"a": 1}, "7": 1, "x": 1, "x": 2';
    const store = memoryAuthStore(chatgptAuthJson().replace('{', `{ ${odd},`));
    await (await optIn(store, await authServer())).agentIdentityAuth();
    expect(await store.read()).toContain(odd);
    expect((await identityOf(store)).task_id).toBe('task-1');
  });

  it('refreshes a stale access token first', async () => {
    const server = await authServer({
      refresh: () => ({ body: { access_token: accessToken('second'), refresh_token: 'r-2' } }),
    });
    const store = memoryAuthStore(chatgptAuthJson({ expiresIn: -1, refreshToken: 'bootstrap-stale' }));
    await (await optIn(store, server)).agentIdentityAuth();
    expect(server.requests[1]?.headers['authorization']).toBe(`Bearer ${accessToken('second')}`);
    expect(JSON.parse((await store.read()) ?? '')).toMatchObject({
      tokens: { refresh_token: 'r-2' },
      agent_identity: { task_id: 'task-1' },
    });
  });
});

describe('the account', () => {
  it.each<[string, Login, readonly string[], string]>([
    ['the account beside the tokens', { accountId: 'acct-t' }, [], 'acct-t'],
    ['the one forced workspace', { accountId: undefined }, ['ws-1'], 'ws-1'],
  ])('is %s', async (_kind, login, forcedWorkspaceIds, account) => {
    const store = memoryAuthStore(chatgptAuthJson(login));
    await (await optIn(store, await authServer(), { forcedWorkspaceIds })).agentIdentityAuth();
    expect((await identityOf(store)).account_id).toBe(account);
  });

  it('is that of the id token if there is no other', async () => {
    const text = chatgptAuthJson().replace('"account_id": "acct-1"', '"account_id": null');
    const store = memoryAuthStore(text);
    await (await optIn(store, await authServer())).agentIdentityAuth();
    expect((await identityOf(store)).account_id).toBe(someone.accountId);
  });

  it.each<[string, Login]>([
    ['no user', { userId: undefined }],
    ['no account', { accountId: undefined }],
  ])('is not registered for a login that names %s', async (_kind, login) => {
    const server = await authServer();
    const auth = await optIn(memoryAuthStore(chatgptAuthJson(login)), server);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('incomplete_chatgpt_auth');
    expect(server.requests).toEqual([]);
    expect((await auth.bearerHeaders())['Authorization']).toMatch(/^Bearer /);
  });
});

describe('a stored record', () => {
  it('of the same account and user is used without a request, a lock or a write', async () => {
    const server = await authServer();
    const store = recordingStore(memoryAuthStore(chatgptAuthJson({}, { agent_identity: storedRecord() })));
    const auth = await (await optIn(store, server)).agentIdentityAuth();
    expect(auth?.runTaskId).toBe('task-stored');
    expect(auth?.record.agent_runtime_id).toBe('runtime-stored');
    expect(store.calls).toEqual(['read', 'read']);
    expect(server.requests).toEqual([]);
  });

  it('needs no fresh access token', async () => {
    const text = chatgptAuthJson({ expiresIn: -1 }, { agent_identity: storedRecord() });
    const server = await authServer();
    expect((await (await optIn(memoryAuthStore(text), server)).agentIdentityAuth())?.runTaskId).toBe(
      'task-stored',
    );
    expect(server.requests).toEqual([]);
  });

  it.each([undefined, '', '  '])('without a task (%j) gets one and is saved again', async (taskId) => {
    const server = await authServer();
    const record = storedRecord({ task_id: taskId });
    const store = memoryAuthStore(chatgptAuthJson({}, { agent_identity: record, last: 1 }));
    const auth = await (await optIn(store, server)).agentIdentityAuth();
    expect(server.counts).toEqual({ runtime: 0, task: 1, refresh: 0 });
    expect(server.requests[0]?.path).toBe('/authapi/v1/agent/runtime-stored/task/register');
    expect(auth?.runTaskId).toBe('task-1');
    expect(await identityOf(store)).toEqual({ ...record, task_id: 'task-1' });
    expect(Object.keys(JSON.parse((await store.read()) ?? '')).slice(-2)).toEqual(['agent_identity', 'last']);
  });

  it.each([{}, { task_id: null }, { task_id: '' }])(
    'without a task (%j) changes in its task only: what others put in it stays',
    async (task) => {
      const { task_id: _none, ...record } = storedRecord();
      const identity = { v2: { kept: [1] }, ...record, email: null, ...task };
      const before = chatgptAuthJson({}, { agent_identity: identity });
      const store = memoryAuthStore(before);
      await (await optIn(store, await authServer())).agentIdentityAuth();
      const after = (await store.read()) ?? '';
      expect(JSON.parse(after).agent_identity).toEqual({ ...identity, task_id: 'task-1' });
      const lines = before.split('\n').filter((line) => !line.includes('"task_id"'));
      const kept = after.split('\n').filter((line) => !line.includes('"task_id"'));
      expect(kept.map((line) => line.replace(/,$/, ''))).toEqual(lines.map((line) => line.replace(/,$/, '')));
    },
  );

  it.each([
    ['another account', storedRecord({ account_id: 'acct-9' })],
    ['another user', storedRecord({ chatgpt_user_id: 'user-9' })],
    ['an unusable key', storedRecord({ agent_private_key: 'bm90IGEga2V5' })],
    ['a blank runtime', storedRecord({ agent_runtime_id: '' })],
    ['nothing, being a JWT', jwt({ account_id: someone.accountId })],
    ['nothing, being null', null],
  ])('of %s is replaced in its place', async (_kind, identity) => {
    const server = await authServer();
    const store = memoryAuthStore(chatgptAuthJson({}, { agent_identity: identity, last: 1 }));
    await (await optIn(store, server)).agentIdentityAuth();
    expect(server.counts).toEqual({ runtime: 1, task: 1, refresh: 0 });
    expect(await identityOf(store)).toMatchObject({ agent_runtime_id: 'runtime-1', task_id: 'task-1' });
    expect(Object.keys(JSON.parse((await store.read()) ?? '')).slice(-2)).toEqual(['agent_identity', 'last']);
  });
});

describe('a bootstrap', () => {
  it('is shared by concurrent callers, and its result by later ones', async () => {
    const server = await authServer();
    const auth = await optIn(memoryAuthStore(chatgptAuthJson()), server);
    const all = await Promise.all(Array.from({ length: 20 }, () => auth.agentIdentityAuth()));
    expect(new Set([...all, await auth.agentIdentityAuth()]).size).toBe(1);
    expect(server.counts).toMatchObject({ runtime: 1, task: 1 });
  });

  it('is shared by several sessions on the same store', async () => {
    const server = await authServer();
    const store = memoryAuthStore(chatgptAuthJson());
    const auths = await Promise.all(Array.from({ length: 8 }, () => optIn(store, server)));
    const identities = await Promise.all(auths.map((auth) => auth.agentIdentityAuth()));
    expect(new Set(identities.map((identity) => identity?.runTaskId))).toEqual(new Set(['task-1']));
    expect(server.counts).toMatchObject({ runtime: 1, task: 1 });
  });

  it('continues for the others when one caller aborts', async () => {
    const server = await authServer();
    const auth = await optIn(memoryAuthStore(chatgptAuthJson()), server);
    const controller = new AbortController();
    const aborted = auth.agentIdentityAuth({ signal: controller.signal });
    const other = auth.agentIdentityAuth();
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    expect((await other)?.runTaskId).toBe('task-1');
  });

  it('is not started by an aborted caller', async () => {
    const server = await authServer();
    const auth = await optIn(memoryAuthStore(chatgptAuthJson()), server);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(auth.agentIdentityAuth({ signal })).rejects.toThrow('enough');
    expect(server.requests).toEqual([]);
  });

  it('can be tried again after a failure', async () => {
    const server = await authServer({
      runtime: (_request, count) =>
        count === 1 ? { status: 403, body: {} } : { body: { agent_runtime_id: 'runtime-2' } },
    });
    const auth = await optIn(memoryAuthStore(chatgptAuthJson()), server);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('registration_refused');
    expect((await auth.agentIdentityAuth())?.runTaskId).toBe('task-1');
  });
});

describe('while a runtime is registered', () => {
  const other = storedRecord({ agent_runtime_id: 'runtime-elsewhere', task_id: 'task-elsewhere' });
  it.each<[string, string | undefined, string]>([
    ['a logout', undefined, 'logged_out'],
    ['another account', chatgptAuthJson({ accountId: 'acct-2' }), 'account_changed'],
    ['another user', chatgptAuthJson({ userId: 'user-2' }), 'account_changed'],
    ['an API key', '{"OPENAI_API_KEY": "sk-1"}', 'account_changed'],
    ['a broken document', '{', 'unreadable_auth_file'],
  ])('%s is not undone', async (_kind, text, code) => {
    const store = memoryAuthStore(chatgptAuthJson());
    const server = await authServer({
      task: () => {
        store.replace(text);
        return { body: { task_id: 'task-1' } };
      },
    });
    const auth = await optIn(store, server);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe(code);
    expect(await store.read()).toBe(text);
  });

  it('a logout before the first request sends nothing', async () => {
    const store = memoryAuthStore(chatgptAuthJson());
    const server = await authServer();
    const auth = await optIn(store, server);
    store.replace(chatgptAuthJson({ accountId: 'acct-2' }));
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('account_changed');
    store.replace(undefined);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('logged_out');
    expect(server.requests).toEqual([]);
  });

  it('refreshed tokens of the same login are kept', async () => {
    const store = memoryAuthStore(chatgptAuthJson());
    const refreshed = chatgptAuthJson({ refreshToken: 'from-elsewhere' }, { unknown: 1 });
    const server = await authServer({
      task: () => {
        store.replace(refreshed);
        return { body: { task_id: 'task-1' } };
      },
    });
    await (await optIn(store, server)).agentIdentityAuth();
    expect(JSON.parse((await store.read()) ?? '')).toEqual({
      ...JSON.parse(refreshed),
      agent_identity: await identityOf(store),
    });
  });

  it('an identity that another client stores first is kept and used', async () => {
    const store = memoryAuthStore(chatgptAuthJson());
    const theirs = chatgptAuthJson({}, { agent_identity: other });
    const server = await authServer({
      task: () => {
        store.replace(theirs);
        return { body: { task_id: 'task-1' } };
      },
    });
    const auth = await (await optIn(store, server)).agentIdentityAuth();
    expect(auth?.runTaskId).toBe('task-elsewhere');
    expect(await store.read()).toBe(theirs);
  });
});

describe('the AuthAPI', () => {
  it('must be known for the ChatGPT base URL', async () => {
    const server = await authServer();
    const auth = await optIn(memoryAuthStore(chatgptAuthJson()), server, {
      authapiBaseUrl: undefined,
      chatgptBaseUrl: `${server.baseUrl}/backend-api`,
    });
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('unknown_chatgpt_base_url');
    expect(server.requests).toEqual([]);
  });

  it('is production by default', async () => {
    const urls: string[] = [];
    const auth = await openChatgptAuth(
      { store: memoryAuthStore(chatgptAuthJson()), policy: 'chatgpt-auth' },
      {
        ...effects,
        fetch: async (url) => {
          urls.push(String(url));
          return new Response('{}', { status: 403 });
        },
      },
    );
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('registration_refused');
    expect(urls).toEqual(['https://auth.openai.com/api/accounts/v1/agent/register']);
  });
});

it('a final refusal is passed on and costs one request', async () => {
  const answers: Answers[] = [400, 401, 403, 404].map((status) => ({
    runtime: () => ({ status, body: {} }),
  }));
  answers.push({
    task: () => ({ status: 400, body: { error: { code: 'invalid_agent_runtime_id', message: 'no' } } }),
  });
  for (const answer of answers) {
    const server = await authServer(answer);
    const store = memoryAuthStore(chatgptAuthJson());
    const error = await thrownBy(async () => (await optIn(store, server)).agentIdentityAuth());
    const code = answer.task === undefined ? 'registration_refused' : 'invalid_agent_runtime_id';
    expect([error.code, error.retryable]).toEqual([code, false]);
    expect(server.counts.runtime).toBe(1);
    expect(await store.read()).toBe(chatgptAuthJson());
  }
});
