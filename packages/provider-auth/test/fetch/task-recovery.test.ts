import { isAgentIdentityError } from 'agent-identity-core';
import { formatAuthJson, memoryAuthStore } from 'chatgpt-auth';
import {
  createRunScope,
  defineProvider,
  loadAuth,
  providerFetch,
  type RunEvent,
  resolveProviderAuth,
} from 'provider-auth';
import { deferred, listenOnLoopback, type Reply, thrownBy } from 'test-support';
import { describe, expect, it, vi } from 'vitest';
import {
  agentRuntimeId,
  deletedRuntime,
  type FirstParty,
  firstParty,
  invalidTask,
  now,
  taskOf,
} from '../support/first-party.js';
import { startRun, stillEffects } from '../support/start-run.js';
import { withoutWaiting } from '../support/without-waiting.js';

const encoder = new TextEncoder();

async function running(options = {}, effects = stillEffects) {
  const world = await firstParty();
  const run = await startRun(world, options, effects);
  const url = `${world.provider.baseUrl}/responses`;
  return { world, url, fetch: providerFetch(run.resolved), ...run };
}

const post = (body: NonNullable<RequestInit['body']>): RequestInit => ({ method: 'POST', body });

const registrations = ({ authapi }: FirstParty) => authapi.requests.length;

it('200 concurrent requests whose task is gone succeed with one registration', async () => {
  const { world, url, fetch, events } = await running();
  expect(registrations(world)).toBe(1);
  world.state.liveTasks.clear();

  const responses = await Promise.all(
    Array.from({ length: 200 }, (_, i) => fetch(url, post(`request ${i}`))),
  );

  expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 200 }, () => 200));
  const said = await Promise.all(responses.map((response) => response.json()));
  expect(said).toEqual(Array.from({ length: 200 }, (_, i) => ({ said: `request ${i}` })));
  expect(registrations(world)).toBe(2);
  const tasks = world.provider.requests.map(taskOf);
  expect(tasks.filter((task) => task === 'task-1')).toHaveLength(200);
  expect(tasks.filter((task) => task === 'task-2')).toHaveLength(200);
  expect(events).toEqual([
    { type: 'task_replaced', agentRuntimeId, taskId: 'task-2', replacedTaskId: 'task-1' },
  ]);
}, 60_000);

describe('a 401 that says that the task is gone', () => {
  it('causes one retry, whose response is returned unchanged', async () => {
    const { world, url, fetch } = await running();
    world.state.answerRequest = () => invalidTask;
    const response = await fetch(url, post('x'));
    expect([response.status, await response.json()]).toEqual([401, invalidTask.body]);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-2']);
    expect(registrations(world)).toBe(2);
  });

  it('causes one retry per request, even without a cooldown', async () => {
    const { world, url, fetch } = await running({ replacementCooldownSeconds: 0 });
    world.state.answerRequest = () => invalidTask;
    expect((await fetch(url)).status).toBe(401);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-2']);
    expect((await fetch(url)).status).toBe(401);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-2', 'task-2', 'task-3']);
  });

  it('causes a retry but no registration if the task has been replaced already', async () => {
    const { world, url, fetch } = await running();
    const late = deferred();
    world.state.answerRequest = async (request) => {
      if (request.body !== 'late' || taskOf(request) !== 'task-1') return { body: 'done' };
      await late.promise;
      return invalidTask;
    };
    const slow = fetch(url, post('late'));
    await vi.waitFor(() => expect(world.provider.requests).toHaveLength(1));
    world.state.liveTasks.delete('task-1');
    await fetch(url, post('fast'));
    expect(registrations(world)).toBe(2);
    late.resolve();
    expect((await slow).status).toBe(200);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-1', 'task-2', 'task-2']);
    expect(registrations(world)).toBe(2);
  });

  it('causes another replacement after the last one was accepted', async () => {
    const { world, url, fetch } = await running();
    for (const task of ['task-2', 'task-3']) {
      world.state.liveTasks.clear();
      await fetch(url);
      expect(taskOf(world.provider.requests.at(-1) as never)).toBe(task);
    }
    expect(registrations(world)).toBe(3);
  });
});

describe('any other response is returned unchanged, and nothing is registered', () => {
  it.each<[title: string, reply: Reply]>([
    ['429', { status: 429, headers: { 'retry-after': '7' }, body: 'later' }],
    ['500', { status: 500, body: 'oops' }],
    ['503', { status: 503, body: { error: { code: 'directory_unavailable', message: 'x' } } }],
  ])('status %s', async (_, reply) => {
    const { world, url, fetch, events } = await running();
    world.state.answerRequest = () => reply;
    const response = await fetch(url, post('x'));
    const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    expect([response.status, await response.text()]).toEqual([reply.status, body]);
    expect(response.headers.get('retry-after')).toBe(reply.headers?.['retry-after'] ?? null);
    expect(world.provider.requests).toHaveLength(1);
    expect(registrations(world)).toBe(1);
    expect(events).toEqual([]);
  });

  it('a 401 with a body over 64 KiB', async () => {
    const { world, url, fetch } = await running();
    const body = JSON.stringify({ error: { code: 'task_expired', message: 'x'.repeat(70_000) } });
    world.state.answerRequest = () => ({ status: 401, body });
    expect(await (await fetch(url)).text()).toBe(body);
    expect(registrations(world)).toBe(1);
  });

  it('a 401 whose body breaks off', async () => {
    const { world, url, fetch } = await running();
    world.state.answerRequest = (_, response) => {
      response.writeHead(401, { 'content-length': '100' });
      response.write('{"error":', () => response.destroy());
      return undefined;
    };
    const response = await fetch(url);
    expect(response.status).toBe(401);
    await expect(response.text()).rejects.toThrow();
    expect(registrations(world)).toBe(1);
  });

  it('a 401 whose body does not end, after 5 s', async () => {
    const { world, url, fetch } = await running();
    world.state.answerRequest = (_, response) => {
      response.writeHead(401);
      response.write('begun');
      return undefined;
    };
    const response = await withoutWaiting(() => fetch(url));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    expect([response.status, new TextDecoder().decode(value)]).toEqual([401, 'begun']);
  });
});

describe('a retry sends the same body again', () => {
  const form = new FormData();
  form.append('name', 'value');
  const bytes = encoder.encode('-bytes-');
  const streamed = () => ReadableStream.from([encoder.encode('one '), encoder.encode('two')]);
  const inits: readonly [
    title: string,
    make: (url: string) => [string | Request, RequestInit?],
    expected: string,
  ][] = [
    ['a string', (url) => [url, post('text')], 'text'],
    ['URLSearchParams', (url) => [url, post(new URLSearchParams({ a: '1' }))], 'a=1'],
    ['an ArrayBuffer', (url) => [url, post(bytes.buffer.slice(0))], '-bytes-'],
    ['part of a buffer', (url) => [url, post(bytes.subarray(1, 6))], 'bytes'],
    ['a Blob', (url) => [url, post(new Blob(['blob']))], 'blob'],
    ['a form', (url) => [url, post(form)], 'name="name"\r\n\r\nvalue'],
    ['a stream', (url) => [url, { ...post(streamed()), duplex: 'half' }], 'one two'],
    ['a Request', (url) => [new Request(url, post('text'))], 'text'],
    ['a streamed Request', (url) => [new Request(url, { ...post(streamed()), duplex: 'half' })], 'one two'],
    ['no body', (url) => [url], ''],
  ];

  it.each(inits)('%s', async (_, make, expected) => {
    const { world, url, fetch } = await running();
    world.state.liveTasks.clear();
    expect((await fetch(...make(url))).status).toBe(200);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-2']);
    for (const { body } of world.provider.requests) expect(body).toContain(expected);
  });

  it('a buffer as it was when fetch was called', async () => {
    const { world, url, fetch } = await running();
    world.state.liveTasks.clear();
    const buffer = encoder.encode('before');
    const pending = fetch(url, post(buffer));
    buffer.fill(0);
    await pending;
    expect(world.provider.requests.map(({ body }) => body)).toEqual(['before', 'before']);
  });

  it('a stream whose chunks share their memory', async () => {
    const { world, url, fetch } = await running();
    world.state.liveTasks.clear();
    const memory = new Uint8Array(1);
    let count = 0;
    const body = new ReadableStream({
      async pull(controller) {
        // fetch has processed the last chunk by now.
        await new Promise((resolve) => setImmediate(resolve));
        memory[0] = 97 + count;
        count += 1;
        if (count > 3) controller.close();
        else controller.enqueue(memory);
      },
    });
    await fetch(url, { method: 'POST', body, duplex: 'half' });
    expect(world.provider.requests[1]?.body).toBe('abc');
  });

  it('a stream that was refused half-way, including the part that was not read yet', async () => {
    const world = await firstParty();
    const bodies: string[] = [];
    const repeated = deferred();
    const origin = await listenOnLoopback(async (incoming, response) => {
      if (bodies.length === 0) {
        incoming.once('data', (chunk) => {
          bodies.push(String(chunk));
          response.writeHead(401, { 'content-type': 'application/json', connection: 'close' });
          response.end(JSON.stringify(invalidTask.body));
        });
        return;
      }
      repeated.resolve();
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      bodies.push(Buffer.concat(chunks).toString());
      response.end('done');
    });
    const { resolved } = await startRun({
      ...world,
      provider: { ...world.provider, baseUrl: `${origin}/v1` },
    });
    const parts = ['one ', 'two ', 'three'];
    const body = new ReadableStream({
      async pull(controller) {
        if (parts.length < 3) await repeated.promise;
        controller.enqueue(encoder.encode(parts.shift()));
        if (parts.length === 0) controller.close();
      },
    });
    const response = await providerFetch(resolved)(`${origin}/v1/x`, {
      method: 'POST',
      body,
      duplex: 'half',
    });
    expect([response.status, await response.text()]).toEqual([200, 'done']);
    expect(bodies).toEqual(['one ', 'one two three']);
  });
});

describe('a body over 8 MiB is sent once: the 401 is returned, and the next request uses the new task', () => {
  const bound = 8 * 1024 * 1024;
  const tooMuch = () => ReadableStream.from([new Uint8Array(bound), new Uint8Array(1)]);
  const bodies: readonly [title: string, make: (url: string) => [string | Request, RequestInit?]][] = [
    ['a buffer', (url) => [url, post(new Uint8Array(bound + 1))]],
    ['a stream', (url) => [url, { ...post(tooMuch()), duplex: 'half' }]],
    ['a Request', (url) => [new Request(url, post(new Uint8Array(bound + 1)))]],
    ['a streamed Request', (url) => [new Request(url, { ...post(tooMuch()), duplex: 'half' })]],
  ];

  it.each(bodies)('%s', async (_, make) => {
    const { world, url, fetch } = await running();
    world.state.liveTasks.clear();
    const response = await fetch(...make(url));
    expect([response.status, await response.json()]).toEqual([401, invalidTask.body]);
    expect(world.provider.requests.map(({ body }) => body.length)).toEqual([bound + 1]);
    expect((await fetch(url)).status).toBe(200);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-2']);
    expect(registrations(world)).toBe(2);
  });
});

it('a task that fails while its predecessor is being replaced is replaced too', async () => {
  const saving = deferred();
  const goOn = deferred();
  const store = memoryAuthStore();
  const world = await firstParty();
  store.replace(formatAuthJson({ ...world.record, task_id: 'task-0' }));
  const slowStore = {
    ...store,
    update: async (edit: Parameters<typeof store.update>[0]) => {
      saving.resolve();
      await goOn.promise;
      await store.update(edit);
    },
  };
  const auth = await loadAuth(
    { store: slowStore, authapiBaseUrl: world.authapi.authapiBaseUrl },
    stillEffects,
  );
  const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  const fetch = providerFetch(resolved);
  const first = fetch(world.provider.baseUrl);
  await saving.promise;
  expect(resolved.actingAgent?.taskId).toBe('task-1');
  expect((await fetch(world.provider.baseUrl)).status).toBe(200); // The new task is known to work.
  world.state.liveTasks.clear();
  const second = fetch(world.provider.baseUrl);
  await vi.waitFor(() => expect(world.provider.requests).toHaveLength(3));
  goOn.resolve();
  expect((await second).status).toBe(200);
  await first;
  expect(resolved.actingAgent?.taskId).toBe('task-2');
});

describe('a replacement task that cannot be registered', () => {
  it('leaves all callers their 401, and observers learn the reason', async () => {
    const { world, url, fetch, events } = await running();
    world.state.liveTasks.clear();
    world.state.answerRegistration = () => ({ status: 500, body: 'down' });
    const responses = await Promise.all([fetch(url), fetch(url), fetch(url)]);
    for (const response of responses) {
      expect([response.status, await response.json()]).toEqual([401, invalidTask.body]);
    }
    expect(registrations(world)).toBe(1 + 3);
    expect(events).toEqual([
      {
        type: 'task_replacement_failed',
        agentRuntimeId,
        taskId: 'task-1',
        errorCode: 'registration_unavailable',
      },
    ]);
  });

  it('is tried again after 30 s, and not before', async () => {
    let time = now;
    const { world, url, fetch } = await running({}, { ...stillEffects, monotonicClock: () => time });
    world.state.liveTasks.clear();
    world.state.answerRegistration = () => ({ status: 400, body: 'no' });
    expect((await fetch(url)).status).toBe(401);
    world.state.answerRegistration = undefined;
    time += 29_999;
    expect((await fetch(url)).status).toBe(401);
    expect(registrations(world)).toBe(2);
    time += 1;
    expect((await fetch(url)).status).toBe(200);
    expect(registrations(world)).toBe(3);
  });

  it('is not replaced within 30 s if the server never accepted it', async () => {
    let time = now;
    const { world, url, fetch } = await running({}, { ...stillEffects, monotonicClock: () => time });
    world.state.answerRequest = () => invalidTask;
    for (let i = 0; i < 5; i += 1) expect((await fetch(url)).status).toBe(401);
    expect(registrations(world)).toBe(2);
    time += 30_000;
    await fetch(url);
    expect(registrations(world)).toBe(3);
  });
});

it('an aborted caller does not end the registration that others wait for', async () => {
  const { world, url, fetch } = await running();
  world.state.liveTasks.clear();
  const registering = deferred();
  const goOn = deferred();
  world.state.answerRegistration = async () => {
    registering.resolve();
    await goOn.promise;
    world.state.liveTasks.add('task-9');
    return { body: { task_id: 'task-9' } };
  };
  const controller = new AbortController();
  const first = fetch(url, { signal: controller.signal });
  const second = fetch(url);
  await registering.promise;
  controller.abort();
  await expect(first).rejects.toMatchObject({ name: 'AbortError' });
  goOn.resolve();
  expect((await second).status).toBe(200);
  expect(registrations(world)).toBe(2);
});

describe('a deleted runtime', () => {
  it('returns its 403 once, and then sends nothing more', async () => {
    const { world, url, fetch, resolved, events } = await running();
    const { closeSignal } = resolved.webSocketHeaders(url);
    world.state.isRuntimeDeleted = true;
    const response = await fetch(url, post('x'));
    expect([response.status, await response.json()]).toEqual([403, deletedRuntime.body]);

    for (const call of [() => fetch(url), () => resolved.headers(), () => resolved.webSocketHeaders(url)]) {
      expect((await thrownBy(call)).code).toBe('agent_runtime_deleted');
    }
    expect(world.provider.requests).toHaveLength(1);
    expect(registrations(world)).toBe(1);
    expect(events).toEqual([{ type: 'agent_runtime_ended', agentRuntimeId, code: 'agent_runtime_deleted' }]);
    expect(closeSignal.reason).toMatchObject({ code: 'agent_runtime_deleted' });
    expect(resolved.actingAgent).toEqual({ agentRuntimeId, taskId: 'task-1' });
  });

  it.each([
    ['agent_runtime_deleted', deletedRuntime],
    [
      'invalid_agent_runtime_id',
      { status: 400, body: { error: { code: 'invalid_agent_runtime_id', message: 'x' } } },
    ],
  ])(
    'that a replacement registration reveals (%s) returns the 401 once, and then sends nothing more',
    async (code, reply) => {
      const { world, url, fetch } = await running();
      world.state.liveTasks.clear();
      world.state.answerRegistration = () => reply;
      expect((await fetch(url)).status).toBe(401);
      expect((await thrownBy(() => fetch(url))).code).toBe(code);
      expect(world.provider.requests).toHaveLength(1);
      expect(registrations(world)).toBe(2);
    },
  );

  it.each([
    ['the message with another status', { ...deletedRuntime, status: 404 }],
    [
      'the code with another status',
      { status: 404, body: { error: { code: 'invalid_agent_runtime_id', message: 'x' } } },
    ],
  ])('is not assumed for %s', async (_, reply) => {
    const { world, url, fetch } = await running({ replacementCooldownSeconds: 0 });
    world.state.liveTasks.clear();
    world.state.answerRegistration = () => reply;
    expect((await fetch(url)).status).toBe(401);
    world.state.answerRegistration = undefined;
    expect((await fetch(url)).status).toBe(200);
  });

  it.each<[title: string, make: (url: string, body: ReadableStream) => [string | Request, RequestInit?]]>([
    ['a stream', (url, body) => [url, { ...post(body), duplex: 'half' }]],
    ['a Request', (url, body) => [new Request(url, { ...post(body), duplex: 'half' })]],
  ])('cancels a body that is not sent: %s', async (_, make) => {
    const { world, url, fetch } = await running();
    world.state.isRuntimeDeleted = true;
    await fetch(url);
    let cancelledWith: unknown;
    const body = new ReadableStream({
      cancel: (reason) => {
        cancelledWith = reason;
      },
    });
    const error = await thrownBy(() => fetch(...make(url, body)));
    expect(error.code).toBe('agent_runtime_deleted');
    await vi.waitFor(() => expect(cancelledWith).toBe(error));
  });

  it('ends loadAuth if the AuthAPI says so', async () => {
    const world = await firstParty();
    world.state.isRuntimeDeleted = true;
    expect((await thrownBy(() => startRun(world))).code).toBe('agent_runtime_deleted');
    expect(registrations(world)).toBe(1);
  });
});

describe('the store of the record', () => {
  async function stored(store = memoryAuthStore()) {
    const world = await firstParty();
    world.state.liveTasks.add('task-stored');
    store.replace(formatAuthJson({ ...world.record, task_id: 'task-stored' }));
    const events: RunEvent[] = [];
    const scope = createRunScope({ observers: [{ onEvent: (event) => events.push(event) }] }, stillEffects);
    const auth = await loadAuth({ store, authapiBaseUrl: world.authapi.authapiBaseUrl, scope });
    const provider = defineProvider({ kind: 'first_party', baseUrl: world.provider.baseUrl });
    const resolved = await resolveProviderAuth({ auth, provider });
    expect(resolved.actingAgent?.taskId).toBe('task-stored');
    return {
      world,
      store,
      events,
      fetch: () => providerFetch(resolved)(`${world.provider.baseUrl}/responses`),
    };
  }

  const storedTask = async ({ store }: { store: { read(): Promise<string | undefined> } }) =>
    JSON.parse((await store.read()) ?? '').agent_identity.task_id;

  it('holds the replacement before the response is returned', async () => {
    const run = await stored();
    run.world.state.liveTasks.clear();
    expect((await run.fetch()).status).toBe(200);
    expect(await storedTask(run)).toBe('task-1');
  });

  it('is read first, and the task of another process is used without a registration', async () => {
    const run = await stored();
    run.world.state.liveTasks.clear();
    run.world.state.liveTasks.add('task-of-another');
    run.store.replace(formatAuthJson({ ...run.world.record, task_id: 'task-of-another' }));
    expect((await run.fetch()).status).toBe(200);
    expect(registrations(run.world)).toBe(0);
    expect(await storedTask(run)).toBe('task-of-another');
  });

  it('lets several runs that share it register one replacement', async () => {
    const run = await stored();
    const { authapiBaseUrl } = run.world.authapi;
    const provider = defineProvider({ kind: 'first_party', baseUrl: run.world.provider.baseUrl });
    const others = await Promise.all(
      [1, 2, 3].map(async () => {
        const auth = await loadAuth({ store: run.store, authapiBaseUrl }, stillEffects);
        return providerFetch(await resolveProviderAuth({ auth, provider }));
      }),
    );
    run.world.state.liveTasks.clear();
    const answers = await Promise.all([
      run.fetch(),
      ...others.map((fetch) => fetch(run.world.provider.baseUrl)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(registrations(run.world)).toBe(1);
    expect(await storedTask(run)).toBe('task-1');
  });

  it.each([
    ['cannot be taken', async () => Promise.reject(new Error('locked'))],
    [
      'cannot be given back',
      async (_: string, work: () => Promise<unknown>) => {
        await work();
        throw new Error('not unlocked');
      },
    ],
  ])('does not prevent a replacement if its lock %s', async (_, withLock) => {
    const run = await stored({ ...memoryAuthStore(), withLock: withLock as never });
    run.world.state.liveTasks.clear();
    expect((await run.fetch()).status).toBe(200);
    expect(registrations(run.world)).toBe(1);
    expect(await storedTask(run)).toBe('task-1');
  });

  it('does not fail the request if it cannot be updated, and observers learn it', async () => {
    const store = memoryAuthStore();
    const run = await stored({
      ...store,
      update: async () => {
        throw new Error('disk full');
      },
    });
    run.world.state.liveTasks.clear();
    expect((await run.fetch()).status).toBe(200);
    expect(run.events.at(-1)).toEqual({
      type: 'task_not_saved',
      agentRuntimeId,
      taskId: 'task-1',
      errorCode: 'unexpected_error',
    });
    // The store still holds the first task, which is known to be gone.
    run.world.state.liveTasks.clear();
    expect((await run.fetch()).status).toBe(200);
    expect(registrations(run.world)).toBe(2);
  });

  it('does not prevent a replacement if it cannot be read', async () => {
    const store = memoryAuthStore();
    let isBroken = false;
    const run = await stored({
      ...store,
      read: async () => {
        if (isBroken) throw new Error('unreadable');
        return store.read();
      },
    });
    isBroken = true;
    run.world.state.liveTasks.clear();
    expect((await run.fetch()).status).toBe(200);
    expect(registrations(run.world)).toBe(1);
  });
});

it('an observer that throws breaks nothing', async () => {
  const broken = {
    onOperation() {
      throw new Error('broken');
    },
    onEvent() {
      throw new Error('broken');
    },
  };
  const { world, url, fetch } = await running({ observers: [broken] });
  world.state.liveTasks.clear();
  expect((await fetch(url)).status).toBe(200);
});

it('errors contain no secret', async () => {
  const { world, url, fetch } = await running();
  world.state.isRuntimeDeleted = true;
  await fetch(url);
  const error = await thrownBy(() => fetch(url));
  expect(isAgentIdentityError(error)).toBe(true);
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(world.record.agent_private_key);
});
