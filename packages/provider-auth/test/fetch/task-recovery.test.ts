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

it('200 parallel requests that are all told their task is invalid: one registration, and all succeed', async () => {
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

describe('a 401 that says the task is invalid', () => {
  it.each(['invalid_task_id', 'task_not_found', 'task_expired'])('by the code %s', async (code) => {
    const { world, url, fetch, resolved } = await running();
    world.state.answerRequest = (request) =>
      taskOf(request) === 'task-1' ? { status: 401, body: { error: { code } } } : { body: 'done' };
    const response = await fetch(url, post('x'));
    expect([response.status, await response.text()]).toEqual([200, 'done']);
    expect(registrations(world)).toBe(2);
    expect(resolved.actingAgent).toEqual({ agentRuntimeId, taskId: 'task-2' });
  });

  it('is recovered from once: the answer to the repeat is returned as it came', async () => {
    const { world, url, fetch } = await running();
    world.state.answerRequest = () => invalidTask;
    const response = await fetch(url, post('x'));
    expect([response.status, await response.json()]).toEqual([401, invalidTask.body]);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-2']);
    expect(registrations(world)).toBe(2);
  });

  it('is recovered from once, however soon the next replacement may come', async () => {
    const { world, url, fetch } = await running({ replacementCooldownSeconds: 0 });
    world.state.answerRequest = () => invalidTask;
    expect((await fetch(url)).status).toBe(401);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-2']);
    expect((await fetch(url)).status).toBe(401);
    expect(world.provider.requests.map(taskOf)).toEqual(['task-1', 'task-2', 'task-2', 'task-3']);
  });

  it('and comes late, for a task that was replaced meanwhile: signed again, nothing registered', async () => {
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

  it('again after the replacement had worked: it is replaced again', async () => {
    const { world, url, fetch } = await running();
    for (const task of ['task-2', 'task-3']) {
      world.state.liveTasks.clear();
      await fetch(url);
      expect(taskOf(world.provider.requests.at(-1) as never)).toBe(task);
    }
    expect(registrations(world)).toBe(3);
  });
});

describe('any other answer passes through untouched, and nothing is registered', () => {
  const answers: readonly [title: string, reply: Reply][] = [
    ['401 with another code', { status: 401, body: { error: { code: 'invalid_signature', message: 'no' } } }],
    [
      '401 whose message names a code',
      { status: 401, body: { error: { code: 'x', message: 'task_expired' } } },
    ],
    ['401 with the code in an unknown member', { status: 401, body: { reason: { code: 'task_expired' } } }],
    [
      '401 with the code one level too deep',
      { status: 401, body: { error: { error: { code: 'task_expired' } } } },
    ],
    ['401 with a code that is a list', { status: 401, body: { error: { code: ['task_expired'] } } }],
    ['401 with the code as text', { status: 401, body: 'task_expired' }],
    ['401 with half a body', { status: 401, body: '{"error":{"code":"task_expired"' }],
    ['401 with a list', { status: 401, body: [{ error: { code: 'task_expired' } }] }],
    ['401 with null', { status: 401, body: 'null' }],
    ['401 without a body', { status: 401 }],
    ['400 with a task code', { status: 400, body: { error: { code: 'task_expired', message: 'x' } } }],
    ['403 with a task code', { status: 403, body: { error: { code: 'task_expired', message: 'x' } } }],
    [
      '403 whose message is nearly that of a deleted runtime',
      { status: 403, body: { error: { message: 'The agent runtime has been deleted.' } } },
    ],
    [
      '401 with the message of a deleted runtime',
      { status: 401, body: { error: { message: 'Agent runtime has been deleted.' } } },
    ],
    ['429', { status: 429, headers: { 'retry-after': '7' }, body: 'later' }],
    ['500', { status: 500, body: 'oops' }],
    ['503', { status: 503, body: { error: { code: 'directory_unavailable', message: 'x' } } }],
  ];

  it.each(answers)('%s', async (_, reply) => {
    const { world, url, fetch, events } = await running();
    world.state.answerRequest = () => reply;
    const response = await fetch(url, post('x'));
    const body = typeof reply.body === 'string' ? reply.body : reply.body && JSON.stringify(reply.body);
    expect([response.status, await response.text()]).toEqual([reply.status, body ?? '']);
    expect(response.headers.get('retry-after')).toBe(reply.headers?.['retry-after'] ?? null);
    expect(world.provider.requests).toHaveLength(1);
    expect(registrations(world)).toBe(1);
    expect(events).toEqual([]);
    expect((await fetch(url)).status).toBe(reply.status);
  });

  it('401 with a body over 64 KiB, whole', async () => {
    const { world, url, fetch } = await running();
    const body = JSON.stringify({ error: { code: 'task_expired', message: 'x'.repeat(70_000) } });
    world.state.answerRequest = () => ({ status: 401, body });
    expect(await (await fetch(url)).text()).toBe(body);
    expect(registrations(world)).toBe(1);
  });

  it('401 whose body breaks off: the caller sees it break', async () => {
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

  it('401 whose body does not come to an end: it is handed on after 5 s', async () => {
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

describe('a body that can be sent again is', () => {
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

  it('a buffer as it was when fetch was called, whatever became of it', async () => {
    const { world, url, fetch } = await running();
    world.state.liveTasks.clear();
    const buffer = encoder.encode('before');
    const pending = fetch(url, post(buffer));
    buffer.fill(0);
    await pending;
    expect(world.provider.requests.map(({ body }) => body)).toEqual(['before', 'before']);
  });

  it('a stream whose chunks are made in the same memory', async () => {
    const { world, url, fetch } = await running();
    world.state.liveTasks.clear();
    const memory = new Uint8Array(1);
    let count = 0;
    const body = new ReadableStream({
      async pull(controller) {
        // What fetch does with a chunk is done by the next turn.
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

  it('a stream whose request was refused half-way: the rest is read for the repeat', async () => {
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

describe('a body over 8 MiB cannot be sent again: the 401 is returned as it came, and the next request is signed anew', () => {
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

it('a task that fails while its predecessor is still being replaced is not taken for it', async () => {
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
  expect((await fetch(world.provider.baseUrl)).status).toBe(200); // the new task is known to work
  world.state.liveTasks.clear();
  const second = fetch(world.provider.baseUrl);
  await vi.waitFor(() => expect(world.provider.requests).toHaveLength(3));
  goOn.resolve();
  expect((await second).status).toBe(200);
  await first;
  expect(resolved.actingAgent?.taskId).toBe('task-2');
});

describe('a replacement that cannot be registered', () => {
  it('all callers get their 401 as it came, and observers the reason', async () => {
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

  it('is not tried again for 30 s, then is', async () => {
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

  it('nor is one registered in place of one that was never accepted', async () => {
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

it('the abort of one caller does not end the registration that others wait for', async () => {
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
  it('403: the answer is returned as it came, then nothing more is sent', async () => {
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
  ])('told when a replacement is registered, %s: the 401, then nothing more is sent', async (code, reply) => {
    const { world, url, fetch } = await running();
    world.state.liveTasks.clear();
    world.state.answerRegistration = () => reply;
    expect((await fetch(url)).status).toBe(401);
    expect((await thrownBy(() => fetch(url))).code).toBe(code);
    expect(world.provider.requests).toHaveLength(1);
    expect(registrations(world)).toBe(2);
  });

  it.each([
    ['that message with another status', { ...deletedRuntime, status: 404 }],
    [
      'that code with another status',
      { status: 404, body: { error: { code: 'invalid_agent_runtime_id', message: 'x' } } },
    ],
  ])('%s does not end the run', async (_, reply) => {
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
  ])('a body that is not sent any more is cancelled: %s', async (_, make) => {
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

  it('told when the run is started', async () => {
    const world = await firstParty();
    world.state.isRuntimeDeleted = true;
    expect((await thrownBy(() => startRun(world))).code).toBe('agent_runtime_deleted');
    expect(registrations(world)).toBe(1);
  });
});

describe('the store that the record came from', () => {
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

  it('gets the replacement, before the request is answered', async () => {
    const run = await stored();
    run.world.state.liveTasks.clear();
    expect((await run.fetch()).status).toBe(200);
    expect(await storedTask(run)).toBe('task-1');
  });

  it('is asked first: what another process has stored is used, and nothing registered', async () => {
    const run = await stored();
    run.world.state.liveTasks.clear();
    run.world.state.liveTasks.add('task-of-another');
    run.store.replace(formatAuthJson({ ...run.world.record, task_id: 'task-of-another' }));
    expect((await run.fetch()).status).toBe(200);
    expect(registrations(run.world)).toBe(0);
    expect(await storedTask(run)).toBe('task-of-another');
  });

  it('several that share it, such as processes, register one replacement between them', async () => {
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
  ])('whose lock %s: one task is registered all the same', async (_, withLock) => {
    const run = await stored({ ...memoryAuthStore(), withLock: withLock as never });
    run.world.state.liveTasks.clear();
    expect((await run.fetch()).status).toBe(200);
    expect(registrations(run.world)).toBe(1);
    expect(await storedTask(run)).toBe('task-1');
  });

  it('that does not take it: the request succeeds, and observers are told', async () => {
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
    // The store still has the first task, which is known to be dead: it is not taken for news.
    run.world.state.liveTasks.clear();
    expect((await run.fetch()).status).toBe(200);
    expect(registrations(run.world)).toBe(2);
  });

  it('that cannot be read: a task is registered all the same', async () => {
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

it('a throwing observer breaks nothing', async () => {
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

it('the errors hold no secret', async () => {
  const { world, url, fetch } = await running();
  world.state.isRuntimeDeleted = true;
  await fetch(url);
  const error = await thrownBy(() => fetch(url));
  expect(isAgentIdentityError(error)).toBe(true);
  expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(world.record.agent_private_key);
});
