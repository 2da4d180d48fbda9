import { inspect } from 'node:util';
import { AgentIdentityError } from 'agent-identity-core';
import { isRegistrationError } from 'agent-identity-registry';
import { type AuthStore, memoryAuthStore, openChatgptAuth } from 'chatgpt-auth';
import { manualClock, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthServer, authServer } from '../support/auth-server.js';
import { codeOf } from '../support/code-of.js';
import { accessToken, chatgptAuthJson, now, someone, storedRecord } from '../support/login.js';

const hour = 60 * 60;

const clock = () => now * 1000;

/** A monotonic clock that a test moves, in seconds. */
function watch() {
  const { clock: monotonicClock, advance } = manualClock(0);
  return { monotonicClock, pass: advance };
}

function optIn({ baseUrl }: AuthServer, monotonicClock: () => number, accountId = someone.accountId) {
  const store = memoryAuthStore(chatgptAuthJson({ accountId, expiresIn: 864_000 }));
  return openChatgptAuth(
    { store, policy: 'chatgpt-auth', authapiBaseUrl: baseUrl },
    { clock, monotonicClock, sleep: async () => undefined },
  );
}

const unavailable = { runtime: () => ({ status: 503, body: { error: { message: 'later' } } }) };

describe('an AuthAPI that fails three times', () => {
  it.each([429, 500, 503])('(status %i) makes the agent identity unavailable', async (status) => {
    const server = await authServer({ runtime: () => ({ status, body: {} }) });
    const auth = await optIn(server, watch().monotonicClock);
    const error = await thrownBy(() => auth.agentIdentityAuth());
    expect([error.code, error.retryable]).toEqual(['agent_identity_unavailable', true]);
    expect(server.counts.runtime).toBe(3);
    expect(isRegistrationError(error.cause) && error.cause.status).toBe(status);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(accessToken('first'));
  });

  it('at the task registration makes the agent identity unavailable too', async () => {
    const server = await authServer({ task: () => ({ status: 503 }) });
    const auth = await optIn(server, watch().monotonicClock);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('agent_identity_unavailable');
    expect(server.counts).toMatchObject({ runtime: 1, task: 3 });
  });

  it('is sent nothing for an hour, and all callers get the same error', async () => {
    const server = await authServer(unavailable);
    const { monotonicClock, pass } = watch();
    const auth = await optIn(server, monotonicClock);
    const first = await thrownBy(() => auth.agentIdentityAuth());
    pass(hour - 1);
    expect(await thrownBy(() => auth.agentIdentityAuth())).toBe(first);
    expect(await thrownBy(async () => (await optIn(server, monotonicClock)).agentIdentityAuth())).toBe(first);
    expect(server.counts.runtime).toBe(3);
  });

  it('is tried again after an hour', async () => {
    const server = await authServer({
      runtime: (_request, count) =>
        count <= 3 ? { status: 503 } : { body: { agent_runtime_id: 'runtime-1' } },
    });
    const { monotonicClock, pass } = watch();
    const auth = await optIn(server, monotonicClock);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('agent_identity_unavailable');
    pass(hour);
    expect((await auth.agentIdentityAuth())?.runTaskId).toBe('task-1');
  });

  it('fails once for all concurrent callers and sessions', async () => {
    const server = await authServer(unavailable);
    const { monotonicClock } = watch();
    const auths = await Promise.all(Array.from({ length: 8 }, () => optIn(server, monotonicClock)));
    const codes = await Promise.all(auths.map((auth) => codeOf(() => auth.agentIdentityAuth())));
    expect(new Set(codes)).toEqual(new Set(['agent_identity_unavailable']));
    expect(server.counts.runtime).toBe(3);
  });

  it('does not concern other accounts and other AuthAPIs', async () => {
    const [server, other] = [await authServer(unavailable), await authServer()];
    const { monotonicClock } = watch();
    expect(await codeOf(async () => (await optIn(server, monotonicClock)).agentIdentityAuth())).toBe(
      'agent_identity_unavailable',
    );
    expect(
      await codeOf(async () => (await optIn(server, monotonicClock, 'acct-other')).agentIdentityAuth()),
    ).toBe('agent_identity_unavailable');
    expect(server.counts.runtime).toBe(6);
    expect((await (await optIn(other, monotonicClock)).agentIdentityAuth())?.runTaskId).toBe('task-1');
  });

  it('leaves the bearer token usable', async () => {
    const auth = await optIn(await authServer(unavailable), watch().monotonicClock);
    await codeOf(() => auth.agentIdentityAuth());
    expect((await auth.bearerHeaders())['Authorization']).toBe(`Bearer ${accessToken('first')}`);
  });

  it('does not keep a stored identity with a task from being used', async () => {
    const server = await authServer(unavailable);
    const { monotonicClock } = watch();
    await codeOf(async () => (await optIn(server, monotonicClock)).agentIdentityAuth());
    const auth = await openChatgptAuth(
      {
        store: memoryAuthStore(chatgptAuthJson({}, { agent_identity: storedRecord() })),
        policy: 'chatgpt-auth',
        authapiBaseUrl: server.baseUrl,
      },
      { clock, monotonicClock },
    );
    expect((await auth.agentIdentityAuth())?.runTaskId).toBe('task-stored');
  });
});

it('a failed connection makes the agent identity unavailable', async () => {
  const auth = await openChatgptAuth(
    {
      store: memoryAuthStore(chatgptAuthJson()),
      policy: 'chatgpt-auth',
      authapiBaseUrl: 'http://127.0.0.1:9/authapi',
    },
    { clock, sleep: async () => undefined },
  );
  expect(await codeOf(() => auth.agentIdentityAuth())).toBe('agent_identity_unavailable');
});

describe('a bootstrap lock that is held too long', () => {
  const held = () => chatgptLockError(true);

  it('makes the agent identity unavailable for an hour, and leaves the bearer token usable', async () => {
    const server = await authServer();
    const { monotonicClock, pass } = watch();
    const { store, waits } = heldStore(held);
    const auth = await open(store, server, monotonicClock);
    const error = await thrownBy(() => auth.agentIdentityAuth());
    expect([error.code, error.retryable]).toEqual(['agent_identity_unavailable', true]);
    expect(error.cause).toMatchObject({ code: 'lock_unavailable' });
    pass(hour - 1);
    expect(await thrownBy(() => auth.agentIdentityAuth())).toBe(error);
    expect(waits()).toBe(1);
    expect((await auth.bearerHeaders())['Authorization']).toBe(`Bearer ${accessToken('first')}`);
    pass(1);
    await thrownBy(() => auth.agentIdentityAuth());
    expect(waits()).toBe(2);
    expect(server.requests).toEqual([]);
  });

  it('does not hide the identity that its holder finally stored', async () => {
    const { store, inner } = heldStore(held);
    const auth = await open(store, await authServer(), watch().monotonicClock);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('agent_identity_unavailable');
    inner.replace(chatgptAuthJson({}, { agent_identity: storedRecord() }));
    expect((await auth.agentIdentityAuth())?.runTaskId).toBe('task-stored');
  });

  it('is not the same as a folder without locks, which stays an error', async () => {
    const { store } = heldStore(() => chatgptLockError(false));
    const auth = await open(store, await authServer(), watch().monotonicClock);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('lock_unavailable');
  });

  it('is not the same as a failed write lock, which stays an error', async () => {
    const inner = memoryAuthStore(chatgptAuthJson());
    const store: AuthStore = { ...inner, update: () => Promise.reject(chatgptLockError(true)) };
    const auth = await open(store, await authServer(), watch().monotonicClock);
    expect(await codeOf(() => auth.agentIdentityAuth())).toBe('lock_unavailable');
  });

  function chatgptLockError(retryable: boolean) {
    return new AgentIdentityError('lock_unavailable', 'lock bootstrap: held', { retryable });
  }

  /** A store whose lock cannot be had. */
  function heldStore(error: () => Error) {
    const inner = memoryAuthStore(chatgptAuthJson());
    let waits = 0;
    const store: AuthStore = {
      ...inner,
      withLock: () => {
        waits += 1;
        return Promise.reject(error());
      },
    };
    return { store, inner, waits: () => waits };
  }

  function open(store: AuthStore, { baseUrl }: AuthServer, monotonicClock: () => number) {
    return openChatgptAuth(
      { store, policy: 'chatgpt-auth', authapiBaseUrl: baseUrl },
      { clock, monotonicClock },
    );
  }
});
