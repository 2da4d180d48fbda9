import { Readable } from 'node:stream';
import { providerFetch } from 'provider-auth';
import { deferred, type LoopbackServer, listenOnLoopback, loopbackServer } from 'test-support';
import { describe, expect, it, vi } from 'vitest';
import { firstParty } from '../support/first-party.js';
import { startRun } from '../support/start-run.js';

const encoder = new TextEncoder();

async function authenticated() {
  const world = await firstParty();
  const { resolved } = await startRun(world);
  return { world, url: `${world.provider.baseUrl}/responses`, fetch: providerFetch(resolved) };
}

/** Returns what the server received, without what differs between connections and signatures. */
function seenBy({ requests }: LoopbackServer) {
  return requests.map(({ method, path, headers, body }) => {
    const { host: _, authorization: _a, 'chatgpt-account-id': _b, ...rest } = headers;
    const boundary = /boundary=(.+)/.exec(rest['content-type'] ?? '')?.[1];
    const plain = JSON.stringify({ method, path, headers: rest, body });
    return JSON.parse(boundary === undefined ? plain : plain.replaceAll(boundary, 'BOUNDARY'));
  });
}

const streamOf = (...chunks: string[]) =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });

const form = () => {
  const data = new FormData();
  data.append('a', '1');
  data.append('file', new File(['content'], 'name.txt', { type: 'text/plain' }));
  return data;
};

type Call = (url: string) => [input: string | URL | Request, init?: RequestInit];

const calls: readonly [title: string, call: Call][] = [
  ['a string', (url) => [url]],
  ['a URL with a query and a fragment', (url) => [new URL(`${url}?a=1#part`)]],
  ['a Request', (url) => [new Request(url, { headers: { 'x-a': '1' } })]],
  ['a lower-case method', (url) => [url, { method: 'post', body: 'x' }]],
  ['HEAD', (url) => [url, { method: 'HEAD' }]],
  ['init that is null', (url) => [url, null as never]],
  ['DELETE', (url) => [url, { method: 'DELETE' }]],
  [
    'headers as pairs',
    (url) => [
      url,
      {
        headers: [
          ['x-a', '1'],
          ['x-a', '2'],
        ],
      },
    ],
  ],
  ['headers as Headers', (url) => [url, { headers: new Headers({ 'x-a': '1' }) }]],
  ['a string body', (url) => [url, { method: 'POST', body: 'text' }]],
  ['an empty body', (url) => [url, { method: 'POST', body: '' }]],
  ['a body that is null', (url) => [url, { method: 'POST', body: null }]],
  ['JSON', (url) => [url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }]],
  ['URLSearchParams', (url) => [url, { method: 'POST', body: new URLSearchParams({ a: '1 2' }) }]],
  ['an ArrayBuffer', (url) => [url, { method: 'POST', body: encoder.encode('bytes').buffer }]],
  ['part of a buffer', (url) => [url, { method: 'POST', body: encoder.encode('0bytes1').subarray(1, 6) }]],
  ['a DataView', (url) => [url, { method: 'POST', body: new DataView(encoder.encode('view').buffer) }]],
  ['a Blob', (url) => [url, { method: 'POST', body: new Blob(['blob'], { type: 'text/x-blob' }) }]],
  ['a form', (url) => [url, { method: 'POST', body: form() }]],
  ['a stream', (url) => [url, { method: 'POST', body: streamOf('one ', 'two'), duplex: 'half' }]],
  [
    'an async iterable',
    (url) => [url, { method: 'POST', body: Readable.from([Buffer.from('it')]), duplex: 'half' } as never],
  ],
  ['a Request with a string body', (url) => [new Request(url, { method: 'POST', body: 'text' })]],
  [
    'a Request with a form',
    (url) => [new Request(url, { method: 'POST', body: new URLSearchParams('a=1') })],
  ],
  [
    'a Request whose body, method and headers init replaces',
    (url) => [
      new Request(url, { method: 'POST', body: 'text', headers: { 'x-a': '1' } }),
      { method: 'PUT', body: 'other', headers: { 'x-b': '2' } },
    ],
  ],
  [
    'a Request whose body init replaces, keeping its type',
    (url) => [new Request(url, { method: 'POST', body: 'text' }), { body: '{}' }],
  ],
];

describe('providerFetch sends what fetch sends', () => {
  it.each(calls)('for %s', async (_, call) => {
    const { world, url, fetch } = await authenticated();
    const plain = await loopbackServer(() => ({}));

    const expected = await globalThis.fetch(...call(`${plain.origin}/v1/responses`));
    const response = await fetch(...call(url));

    expect(response.status).toBe(200);
    expect(expected.status).toBe(200);
    expect(seenBy(world.provider)).toEqual(seenBy(plain));
  });

  it('and refuses a Request that was used', async () => {
    const { url, fetch } = await authenticated();
    const request = new Request(url, { method: 'POST', body: 'text' });
    await request.text();
    await expect(fetch(request)).rejects.toThrow(TypeError);
  });

  it.each([
    ['a locked stream', (stream: ReadableStream) => stream.getReader()],
    ['a stream that was read from', (stream: ReadableStream) => stream.cancel()],
  ])('and refuses %s', async (_, use) => {
    const { url, fetch } = await authenticated();
    const body = streamOf('x');
    await use(body);
    await expect(fetch(url, { method: 'POST', body, duplex: 'half' })).rejects.toThrow(TypeError);
  });

  it.each([
    ['a relative URL', '/responses'],
    ['no URL', ''],
  ])('and refuses %s', async (_, input) => {
    const { fetch } = await authenticated();
    await expect(fetch(input)).rejects.toThrow(TypeError);
  });
});

it('the stream of a Request that is available at once is sent with its length', async () => {
  const { world, url, fetch } = await authenticated();
  await fetch(new Request(url, { method: 'POST', body: streamOf('one ', 'two'), duplex: 'half' }));
  expect(world.provider.requests[0]).toMatchObject({ headers: { 'content-length': '7' }, body: 'one two' });
});

it('the stream of a Request that needs time is streamed', async () => {
  const world = await firstParty();
  const arrived = deferred();
  const encodings: unknown[] = [];
  const origin = await listenOnLoopback(async (incoming, response) => {
    encodings.push(incoming.headers['transfer-encoding']);
    for await (const chunk of incoming) {
      arrived.resolve();
      response.write(chunk);
    }
    response.end();
  });
  const { resolved } = await startRun({ ...world, provider: { ...world.provider, baseUrl: `${origin}/v1` } });
  const body = new ReadableStream({
    async pull(controller) {
      await arrived.promise;
      controller.enqueue(encoder.encode(', late'));
      controller.close();
    },
    start: (controller) => controller.enqueue(encoder.encode('early')),
  });
  const request = new Request(`${origin}/v1/x`, { method: 'POST', body, duplex: 'half' });
  expect(await (await providerFetch(resolved)(request)).text()).toBe('early, late');
  expect(encodings).toEqual(['chunked']);
});

it('a Request is used up, like with fetch', async () => {
  const { url, fetch } = await authenticated();
  const request = new Request(url, { method: 'POST', body: 'text' });
  await fetch(request);
  expect(request.bodyUsed).toBe(true);
});

it('a response is streamed: its first event is read before the last one is written', async () => {
  const { world, url, fetch } = await authenticated();
  const written = deferred();
  world.state.answerRequest = async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: first\n\n');
    await written.promise;
    response.end('data: last\n\n');
    return undefined;
  };
  const response = await fetch(url);
  const reader = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  expect((await reader.read()).value).toBe('data: first\n\n');
  written.resolve();
  expect((await reader.read()).value).toBe('data: last\n\n');
  expect(await reader.read()).toEqual({ done: true, value: undefined });
});

it('a request is streamed: each chunk is sent when it is available', async () => {
  const world = await firstParty();
  const firstArrived = deferred();
  const origin = await listenOnLoopback(async (incoming, response) => {
    response.writeHead(200);
    for await (const chunk of incoming) {
      firstArrived.resolve();
      response.write(chunk);
    }
    response.end();
  });
  const { resolved } = await startRun({ ...world, provider: { ...world.provider, baseUrl: `${origin}/v1` } });
  let pulls = 0;
  const body = new ReadableStream({
    async pull(controller) {
      pulls += 1;
      if (pulls === 2) await firstArrived.promise;
      controller.enqueue(encoder.encode(`chunk ${pulls}`));
      if (pulls === 2) controller.close();
    },
  });
  const init: RequestInit = { method: 'POST', body, duplex: 'half' };
  const response = await providerFetch(resolved)(`${origin}/v1/responses`, init);
  expect(await response.text()).toBe('chunk 1chunk 2');
});

describe('an AbortSignal', () => {
  it('that is aborted already sends nothing, and rejects with its reason', async () => {
    const { world, url, fetch } = await authenticated();
    const reason = new Error('no longer wanted');
    await expect(fetch(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(world.provider.requests).toEqual([]);
  });

  type AbortableCall = (url: string, signal: AbortSignal) => ReturnType<Call>;

  it.each<[title: string, call: AbortableCall]>([
    ['of init', (url, signal) => [url, { signal }]],
    ['of a Request', (url, signal) => [new Request(url, { signal })]],
  ])('%s ends a request in progress', async (_, call) => {
    const { world, url, fetch } = await authenticated();
    const controller = new AbortController();
    world.state.answerRequest = () => {
      controller.abort();
      return undefined;
    };
    await expect(fetch(...call(url, controller.signal))).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('ends a response that is being read', async () => {
    const { world, url, fetch } = await authenticated();
    world.state.answerRequest = (_, response) => {
      response.write('begun');
      return undefined;
    };
    const controller = new AbortController();
    const response = await fetch(url, { signal: controller.signal });
    controller.abort();
    await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

it('an error of fetch is passed on, and the source of the body is cancelled', async () => {
  const world = await firstParty();
  const { resolved } = await startRun(world);
  const failure = new TypeError('fetch failed');
  const fetch = providerFetch(resolved, {
    fetch: async (_, init) => {
      const sent = init?.body as ReadableStream;
      await sent.cancel('connection lost');
      throw failure;
    },
  });
  let cancelledWith: unknown;
  const body = new ReadableStream({
    cancel: (reason) => {
      cancelledWith = reason;
    },
  });
  await expect(fetch(`${world.provider.baseUrl}/x`, { method: 'POST', body, duplex: 'half' })).rejects.toBe(
    failure,
  );
  await vi.waitFor(() => expect(cancelledWith).toBe('connection lost'));
});

it('unknown members of init are passed on to fetch', async () => {
  const world = await firstParty();
  const { resolved } = await startRun(world);
  const seen: unknown[] = [];
  const fetch = providerFetch(resolved, {
    fetch: async (_, init) => {
      seen.push(Reflect.get(init ?? {}, 'dispatcher'));
      return new Response();
    },
  });
  const dispatcher = {};
  await fetch(`${world.provider.baseUrl}/x`, { dispatcher } as RequestInit);
  expect(seen).toEqual([dispatcher]);
});
