import {
  type AuthStore,
  memoryAuthStore,
  openChatgptAuth,
  parseAuthJson,
  rememberTerminalState,
} from 'chatgpt-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type Answers, authServer } from '../support/auth-server.js';
import { chatgptAuthJson, clock, jwt, storedRecord } from '../support/login.js';

const deletedBody = {
  error: {
    message: 'Agent runtime has been deleted.',
    type: null,
    code: 'biscuit_baker_service_agent_error_status',
    param: null,
  },
  status: 403,
};
const withoutTask = () => chatgptAuthJson({}, { agent_identity: storedRecord({ task_id: undefined }) });
const deleted = { agentRuntimeId: 'runtime-stored', reason: 'agent_runtime_deleted' } as const;

async function optIn(store: AuthStore, answers: Answers = {}) {
  const server = await authServer(answers);
  const auth = await openChatgptAuth(
    { store, policy: 'chatgpt-auth', authapiBaseUrl: server.baseUrl, tokenUrl: server.tokenUrl },
    { clock, sleep: async () => undefined },
  );
  return { auth, server };
}

describe('a terminal answer to the task registration of a stored runtime', () => {
  it.each([
    ['agent_runtime_deleted', 403, deletedBody],
    ['agent_runtime_deleted', 400, deletedBody],
    ['invalid_agent_runtime_id', 400, { error: { code: 'invalid_agent_runtime_id', message: 'no' } }],
  ])('(%s, status %i) is remembered, and the next process sends nothing', async (code, status, body) => {
    const store = memoryAuthStore(withoutTask());
    const first = await optIn(store, { task: () => ({ status, body }) });
    expect((await thrownBy(() => first.auth.agentIdentityAuth())).code).toBe(code);
    expect(first.server.counts).toMatchObject({ runtime: 0, task: 1 });
    const next = await optIn(store);
    const error = await thrownBy(() => next.auth.agentIdentityAuth());
    expect(error).toMatchObject({ code, retryable: false });
    expect(next.server.requests).toEqual([]);
  });

  it.each([
    [401, { error: { code: 'token_expired' } }],
    [403, { error: { message: 'forbidden' } }],
    [400, { error: { code: 'invalid_request' } }],
  ])('is no other refusal: status %i with %j is retried', async (status, body) => {
    const store = memoryAuthStore(withoutTask());
    const first = await optIn(store, { task: () => ({ status, body }) });
    await thrownBy(() => first.auth.agentIdentityAuth());
    expect(await store.read()).toBe(withoutTask());
    const next = await optIn(store);
    expect((await next.auth.agentIdentityAuth())?.runTaskId).toBe('task-1');
  });
});

describe('rememberTerminalState', () => {
  it('adds one member that the published client ignores, and changes nothing else', async () => {
    const text = chatgptAuthJson({}, { agent_identity: storedRecord() });
    const store = memoryAuthStore(text);
    await rememberTerminalState(store, deleted);
    const after = (await store.read()) ?? '';
    expect(after.startsWith(text.slice(0, -2))).toBe(true);
    expect(JSON.parse(after)).toEqual({
      ...JSON.parse(text),
      agent_identity_terminal: { agent_runtime_id: 'runtime-stored', reason: 'agent_runtime_deleted' },
    });
  });

  it('keeps the opt-in from using the stored task, and leaves the bearer token usable', async () => {
    const store = memoryAuthStore(chatgptAuthJson({}, { agent_identity: storedRecord() }));
    await rememberTerminalState(store, deleted);
    const { auth, server } = await optIn(store);
    expect((await thrownBy(() => auth.agentIdentityAuth())).code).toBe('agent_runtime_deleted');
    expect((await auth.bearerHeaders())['Authorization']).toMatch(/^Bearer /);
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['a record', { agent_identity: storedRecord() }],
    ['a JWT', { agent_identity: jwt({ agent_runtime_id: 'runtime-stored', agent_private_key: 'k' }) }],
  ])('shows in the credentials of %s', async (_kind, document) => {
    const store = memoryAuthStore(JSON.stringify(document));
    await rememberTerminalState(store, deleted);
    const credentials = parseAuthJson((await store.read()) ?? '');
    expect('terminalReason' in credentials && credentials.terminalReason).toBe('agent_runtime_deleted');
  });

  it('is gone after a new login, also to the same account', async () => {
    const store = memoryAuthStore(chatgptAuthJson({}, { agent_identity: storedRecord() }));
    await rememberTerminalState(store, deleted);
    store.replace(chatgptAuthJson());
    const { auth } = await optIn(store);
    expect((await auth.agentIdentityAuth())?.record.agent_runtime_id).toBe('runtime-1');
  });

  it('does not concern a record of another account, in whose place a runtime is registered', async () => {
    const record = storedRecord({ account_id: 'acct-2' });
    const store = memoryAuthStore(chatgptAuthJson({}, { agent_identity: record }));
    await rememberTerminalState(store, deleted);
    const { auth } = await optIn(store);
    expect((await auth.agentIdentityAuth())?.record.agent_runtime_id).toBe('runtime-1');
  });

  it('does not concern another runtime in the same document', async () => {
    const store = memoryAuthStore(chatgptAuthJson({}, { agent_identity: storedRecord() }));
    await rememberTerminalState(store, deleted);
    store.replace(
      ((await store.read()) ?? '').replace(
        '"agent_runtime_id": "runtime-stored",\n    "agent_p',
        '"agent_runtime_id": "runtime-new",\n    "agent_p',
      ),
    );
    const { auth } = await optIn(store);
    expect((await auth.agentIdentityAuth())?.record.agent_runtime_id).toBe('runtime-new');
  });

  it.each([
    ['another runtime', chatgptAuthJson({}, { agent_identity: storedRecord({ agent_runtime_id: 'other' }) })],
    ['no identity', chatgptAuthJson()],
    ['an API key', '{"OPENAI_API_KEY": "sk-1"}'],
    ['nobody', undefined],
  ])('writes nothing when the store holds %s', async (_kind, text) => {
    const store = memoryAuthStore(text);
    await rememberTerminalState(store, deleted);
    expect(await store.read()).toBe(text);
  });

  it('ignores a member of another form', () => {
    for (const terminal of ['deleted', {}, { agent_runtime_id: 'runtime-stored', reason: 'x' }, null, [1]]) {
      const text = JSON.stringify({ agent_identity: storedRecord(), agent_identity_terminal: terminal });
      expect(parseAuthJson(text)).toMatchObject({ kind: 'agentIdentityRecord', terminalReason: undefined });
    }
  });

  it('refuses an unknown reason', async () => {
    const store = memoryAuthStore(chatgptAuthJson({}, { agent_identity: storedRecord() }));
    const state = { agentRuntimeId: 'runtime-stored', reason: 'tired' as never };
    expect((await thrownBy(() => rememberTerminalState(store, state))).code).toBe('invalid_argument');
  });
});
