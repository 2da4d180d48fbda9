import { defineProvider, loadAuth, providerFetch, resolveProviderAuth } from 'provider-auth';
import { loopbackServer, type Reply, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { firstParty, invalidTask, taskOf } from '../support/first-party.js';
import { startRun } from '../support/start-run.js';

const secretHeaders = [
  'authorization',
  'chatgpt-account-id',
  'x-openai-fedramp',
  'x-openai-agent-assertion',
  'api-key',
  'x-api-key',
  'cookie',
  'proxy-authorization',
];

async function running() {
  const world = await firstParty();
  const { resolved } = await startRun(world);
  const { baseUrl, requests, origin } = world.provider;
  return { world, fetch: providerFetch(resolved), baseUrl, requests, origin };
}

const redirect = (location: string, status = 307): Reply => ({ status, headers: { location } });

const headersOf = ({ headers }: { headers: Readonly<Record<string, string>> }) =>
  secretHeaders.filter((name) => name in headers);

it('a redirect inside the provider is signed again, and the response has its URL', async () => {
  const { world, fetch, baseUrl, requests } = await running();
  world.state.answerRequest = ({ path }) => (path === '/v1/old' ? redirect('new?a=1') : { body: 'there' });
  const response = await fetch(`${baseUrl}/old`);
  expect([await response.text(), response.redirected, response.url]).toEqual([
    'there',
    true,
    `${baseUrl}/new?a=1`,
  ]);
  expect(requests.map(taskOf)).toEqual(['task-1', 'task-1']);
});

it.each<[title: string, elsewhere: (origin: string, other: string) => string]>([
  ['another origin', (_, other) => `${other}/v1/responses`],
  ['another host name of the same server', (origin) => `${origin.replace('127.0.0.1', 'localhost')}/v1/x`],
  ['a path beside the provider’s', () => '/v1evil'],
  ['a path above the provider’s', () => '/'],
  ['a path that leaves the provider’s with dots', () => '/v1/../admin'],
  ['a path that leaves the provider’s with encoded dots', () => '/v1/%2e%2e/admin'],
  ['a path that a server may read as leaving the provider’s', () => '/v1/..%2fadmin'],
])('a redirect to %s carries no credentials and no cookies', async (_, elsewhere) => {
  const other = await loopbackServer(() => ({ body: 'elsewhere' }));
  const world = await firstParty();
  const provider = await loopbackServer(({ path }) =>
    path === '/v1/start' ? redirect(elsewhere(provider.origin, other.origin)) : { body: 'elsewhere' },
  );
  const { resolved } = await startRun({
    ...world,
    provider: { ...provider, baseUrl: `${provider.origin}/v1` },
  });
  const response = await providerFetch(resolved)(`${provider.origin}/v1/start`, {
    headers: {
      authorization: 'Bearer caller',
      cookie: 'session=1',
      'proxy-authorization': 'Basic x',
      'x-openai-fedramp': 'true',
      'x-openai-agent-assertion': '1.e30.e30.c2ln',
      'api-key': 'caller',
      'x-api-key': 'caller',
      'x-kept': '1',
    },
  });
  expect(await response.text()).toBe('elsewhere');
  const [first, second] = [...provider.requests, ...other.requests];
  expect(headersOf(first as never)).toContain('authorization');
  expect(headersOf(second as never)).toEqual([]);
  expect(second?.headers['x-kept']).toBe('1');
});

it('a redirect back into the provider carries no credentials', async () => {
  const { world, fetch, baseUrl, requests } = await running();
  const other = await loopbackServer(() => redirect(`${baseUrl}/admin`));
  world.state.answerRequest = () => redirect(`${other.origin}/hop`);
  const response = await fetch(`${baseUrl}/start`);
  expect(response.status).toBe(401);
  expect(requests.map(({ path, headers }) => [path, 'authorization' in headers])).toEqual([
    ['/v1/start', true],
    ['/v1/admin', false],
  ]);
});

it('a redirect to another origin does not carry the provider’s own header', async () => {
  const other = await loopbackServer(() => ({}));
  const provider = await loopbackServer(() => redirect(other.origin));
  const resolved = await resolveProviderAuth({
    auth: await loadAuth(),
    provider: defineProvider({
      kind: 'api_key',
      baseUrl: provider.origin,
      apiKey: 'k',
      headerName: 'x-goog-api-key',
    }),
  });
  await providerFetch(resolved)(provider.origin, { headers: { 'x-goog-api-key': 'caller' } });
  expect(provider.requests[0]?.headers['x-goog-api-key']).toBe('k');
  expect(other.requests[0]?.headers).not.toHaveProperty('x-goog-api-key');
});

it('a task that is gone behind a redirect is replaced too', async () => {
  const { world, fetch, baseUrl, requests } = await running();
  world.state.answerRequest = (request) => {
    if (request.path === '/v1/old') return redirect('new');
    return taskOf(request) === 'task-1' ? invalidTask : { body: request.body };
  };
  const response = await fetch(`${baseUrl}/old`, { method: 'POST', body: 'text' });
  expect([response.status, await response.text()]).toEqual([200, 'text']);
  expect(requests.map((request) => [request.path, taskOf(request)])).toEqual([
    ['/v1/old', 'task-1'],
    ['/v1/new', 'task-1'],
    ['/v1/new', 'task-2'],
  ]);
});

describe('a redirect changes method and body like fetch', () => {
  const cases = [301, 302, 303, 307, 308].flatMap((status) =>
    ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].map((method) => [status, method] as const),
  );

  it.each(cases)('for status %i and %s', async (status, method) => {
    const answer = ({ path }: { path: string }): Reply => (path === '/v1/old' ? redirect('new', status) : {});
    const plain = await loopbackServer(answer);
    const { world, fetch, baseUrl, requests } = await running();
    world.state.answerRequest = answer;
    const init: RequestInit = {
      method,
      headers: { 'content-type': 'text/x', 'content-language': 'en', 'x-kept': '1' },
      ...(method !== 'GET' && method !== 'HEAD' && { body: 'text' }),
    };
    await globalThis.fetch(`${plain.origin}/v1/old`, init);
    await fetch(`${baseUrl}/old`, init);
    const seen = (all: typeof requests) =>
      all.map((request) => {
        const { host: _h, authorization: _a, 'chatgpt-account-id': _c, ...headers } = request.headers;
        return { ...request, headers };
      });
    expect(seen(requests)).toEqual(seen(plain.requests));
  });

  it('for a Request that a 303 redirects to itself', async () => {
    const { world, fetch, baseUrl, requests } = await running();
    world.state.answerRequest = ({ method }) =>
      method === 'POST' ? redirect('same', 303) : { body: 'done' };
    const response = await fetch(new Request(`${baseUrl}/same`, { method: 'POST', body: 'text' }));
    expect(await response.text()).toBe('done');
    expect(requests.map(({ method, body }) => [method, body])).toEqual([
      ['POST', 'text'],
      ['GET', ''],
    ]);
  });

  it('for a Request and a 307', async () => {
    const { world, fetch, baseUrl, requests } = await running();
    world.state.answerRequest = ({ path }) => (path === '/v1/old' ? redirect('new') : {});
    await fetch(new Request(`${baseUrl}/old`, { method: 'POST', body: 'text', credentials: 'omit' }));
    expect(requests.map(({ body }) => body)).toEqual(['text', 'text']);
  });
});

describe('a redirect that cannot be followed is a typed error', () => {
  it.each([
    ['another scheme', 'ftp://127.0.0.1/'],
    ['a file', 'file:///etc/passwd'],
    ['a URL with a password', 'http://user:password@127.0.0.1/v1/x'],
    ['a URL that is not valid', 'http://'],
  ])('to %s', async (_, location) => {
    const { world, fetch, baseUrl } = await running();
    world.state.answerRequest = () => redirect(location);
    const error = await thrownBy(() => fetch(`${baseUrl}/x`));
    expect(error.code).toBe('redirect_failed');
    expect(error.message).not.toContain('password@');
  });

  it('after 20 redirects in a row', async () => {
    const { world, fetch, baseUrl, requests } = await running();
    world.state.answerRequest = () => redirect('again');
    expect((await thrownBy(() => fetch(`${baseUrl}/x`))).code).toBe('redirect_failed');
    expect(requests).toHaveLength(21);
  });

  it('with status 307 for a body over 8 MiB', async () => {
    const { world, fetch, baseUrl, requests } = await running();
    world.state.answerRequest = ({ path }) => (path === '/v1/old' ? redirect('new') : {});
    const body = ReadableStream.from([new Uint8Array(9 * 1024 * 1024)]);
    const error = await thrownBy(() => fetch(`${baseUrl}/old`, { method: 'POST', body, duplex: 'half' }));
    expect(error.code).toBe('redirect_failed');
    expect(requests).toHaveLength(1);
  });

  it('with status 307 for a stream to a provider with its own key', async () => {
    const provider = await loopbackServer(() => redirect('/new'));
    const resolved = await resolveProviderAuth({
      auth: await loadAuth(),
      provider: defineProvider({ kind: 'api_key', baseUrl: provider.origin, apiKey: 'key' }),
    });
    const body = ReadableStream.from([new Uint8Array(1)]);
    const send = () => providerFetch(resolved)(provider.origin, { method: 'POST', body, duplex: 'half' });
    expect((await thrownBy(send)).code).toBe('redirect_failed');
  });

  it('in a runtime that hides redirects from programs', async () => {
    const world = await firstParty();
    const { resolved } = await startRun(world);
    const opaque = Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' });
    const fetch = providerFetch(resolved, { fetch: async () => opaque });
    expect((await thrownBy(() => fetch(world.provider.baseUrl))).code).toBe('redirect_failed');
  });
});

it.each([
  ['status 300', { status: 300, headers: { location: 'new' } }],
  ['no Location', { status: 302 }],
  ['304', { status: 304, headers: { location: 'new' } }],
])('a response with %s is returned', async (_, reply) => {
  const { world, fetch, baseUrl, requests } = await running();
  world.state.answerRequest = () => reply;
  expect((await fetch(`${baseUrl}/x`)).status).toBe(reply.status);
  expect(requests).toHaveLength(1);
});

describe('the caller’s redirect mode', () => {
  it.each(['init', 'Request'])('manual, in %s, returns the redirect', async (where) => {
    const { world, fetch, baseUrl, requests } = await running();
    world.state.answerRequest = () => redirect('new');
    const init: RequestInit = { redirect: 'manual' };
    const response = await (where === 'init'
      ? fetch(`${baseUrl}/x`, init)
      : fetch(new Request(`${baseUrl}/x`, init)));
    expect([response.status, response.headers.get('location')]).toEqual([307, 'new']);
    expect(requests).toHaveLength(1);
  });

  it('error rejects like fetch', async () => {
    const { world, fetch, baseUrl, requests } = await running();
    world.state.answerRequest = () => redirect('new');
    await expect(fetch(`${baseUrl}/x`, { redirect: 'error' })).rejects.toThrow(TypeError);
    expect(requests).toHaveLength(1);
  });
});
