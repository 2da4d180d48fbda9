import {
  defineProvider,
  loadAuth,
  providerFetch,
  resolveProviderAuth,
  sdkApiKeyPlaceholder,
} from 'provider-auth';
import { loopbackServer, thrownBy } from 'test-support';
import { Request as UndiciRequest } from 'undici';
import { describe, expect, it } from 'vitest';
import { firstParty } from '../support/first-party.js';
import { startRun } from '../support/start-run.js';

async function keyProvider(path = '/v1') {
  const server = await loopbackServer(() => ({}));
  const provider = defineProvider({
    kind: 'bearer',
    baseUrl: `${server.origin}${path}`,
    bearerToken: 'own-token',
  });
  const resolved = await resolveProviderAuth({ auth: await loadAuth(), provider });
  const authorization = () => server.requests.at(-1)?.headers['authorization'];
  return { server, fetch: providerFetch(resolved), authorization };
}

describe('the provider’s credentials', () => {
  it.each([
    '/v1',
    '/v1/',
    '/v1/responses',
    '/v1/responses/compact',
    '/v1?x=1',
    '/v1/a/../b',
    '/v1//x',
    '/v1/models/org%2Fmodel',
  ])('are sent to %s', async (path) => {
    const { server, fetch, authorization } = await keyProvider();
    await fetch(server.origin + path);
    expect(authorization()).toBe('Bearer own-token');
  });

  it.each([
    '/',
    '/v1evil',
    '/v2',
    '/V1',
    '/v1/../x',
    '/v1/%2e%2e/x',
    '/v1\\..\\x',
    '/v1/..%2fx',
    '/v1/..%5cx',
    '/v1/%252e%252e/x',
    '/v1/..;/x',
    '/v1%2f..%2fx',
  ])('are not sent to %s', async (path) => {
    const { server, fetch, authorization } = await keyProvider();
    await fetch(server.origin + path);
    expect(server.requests).toHaveLength(1);
    expect(authorization()).toBeUndefined();
  });

  it('are not sent to another port or another name of the same host', async () => {
    const { server, fetch } = await keyProvider();
    const other = await loopbackServer(() => ({}));
    await fetch(`${other.origin}/v1/x`);
    await fetch(`${server.origin.replace('127.0.0.1', 'localhost')}/v1/x`);
    expect([...other.requests, ...server.requests].map(({ headers }) => headers['authorization'])).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe('the caller’s credentials', () => {
  const callers = {
    authorization: `Bearer ${sdkApiKeyPlaceholder}`,
    'ChatGPT-Account-ID': 'account-of-caller',
    'X-OpenAI-Fedramp': 'true',
    'x-openai-agent-assertion': '1.e30.e30.c2ln',
    'api-key': 'ambient-key',
    'x-api-key': 'ambient-key',
  };

  it('are replaced at the provider’s URLs', async () => {
    const { server, fetch } = await keyProvider();
    await fetch(`${server.origin}/v1/x`, { headers: callers });
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer own-token' });
    for (const name of Object.keys(callers).slice(1)) {
      expect(server.requests[0]?.headers).not.toHaveProperty(name.toLowerCase());
    }
  });

  it('are removed for a provider without auth', async () => {
    const server = await loopbackServer(() => ({}));
    const provider = defineProvider({ kind: 'no_auth', baseUrl: server.origin });
    const resolved = await resolveProviderAuth({ auth: await loadAuth({ apiKey: 'sk-ambient' }), provider });
    await providerFetch(resolved)(`${server.origin}/x`, { headers: callers });
    for (const name of Object.keys(callers)) {
      expect(server.requests[0]?.headers).not.toHaveProperty(name.toLowerCase());
    }
  });

  it('are sent unchanged to other URLs', async () => {
    const { fetch } = await keyProvider();
    const other = await loopbackServer(() => ({}));
    await fetch(`${other.origin}/v1/x`, { headers: { authorization: 'Bearer of-caller', 'api-key': 'k' } });
    expect(other.requests[0]?.headers).toMatchObject({ authorization: 'Bearer of-caller', 'api-key': 'k' });
  });

  it.each([
    ['of init', (url: string, headers: Record<string, string>) => fetch_(url, { headers })],
    ['of a Request', (url: string, headers: Record<string, string>) => fetch_(new Request(url, { headers }))],
  ])('that are the placeholder for SDKs are sent nowhere: %s', async (_, send) => {
    const { fetch } = await keyProvider();
    const other = await loopbackServer(() => ({}));
    await send(`${other.origin}/v1/x`, { authorization: `Bearer ${sdkApiKeyPlaceholder}`, 'x-kept': '1' })(
      fetch,
    );
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(other.requests[0]?.headers).toHaveProperty('x-kept', '1');
  });
});

const fetch_ =
  (...call: Parameters<typeof globalThis.fetch>) =>
  (fetch: typeof globalThis.fetch) =>
    fetch(...call);

it('each request is signed when it is sent', async () => {
  const world = await firstParty();
  let time = Date.UTC(2026, 3, 23);
  const { resolved } = await startRun(world, {}, { clock: () => time });
  const fetch = providerFetch(resolved);
  await fetch(`${world.provider.baseUrl}/responses`);
  time += 1000;
  await fetch(`${world.provider.baseUrl}/responses/compact`);
  const [first, second] = world.provider.requests.map(({ headers }) => headers['authorization']);
  expect(first).toMatch(/^AgentAssertion /);
  expect(second).toMatch(/^AgentAssertion /);
  expect(second).not.toBe(first);
});

it.each([undefined, null, {}, 'resolved'])('providerFetch refuses %s instead of an auth', async (value) => {
  expect((await thrownBy(() => providerFetch(value as never))).code).toBe('invalid_argument');
});

describe('the URL that is checked is the URL that is requested', () => {
  it('for an object in the shape of a Request that fetch would read as text', async () => {
    const { server, fetch, authorization } = await keyProvider();
    const evil = await loopbackServer(() => ({}));
    const shaped = { url: `${server.origin}/v1/x`, headers: {}, toString: () => `${evil.origin}/v1/x` };
    await fetch(shaped as never);
    expect(evil.requests).toEqual([]);
    expect(authorization()).toBe('Bearer own-token');
  });

  it('for a Request whose member url differs', async () => {
    const { server, fetch } = await keyProvider();
    const evil = await loopbackServer(() => ({}));
    const liar = new Request(`${evil.origin}/v1/x`);
    Object.defineProperty(liar, 'url', { value: `${server.origin}/v1/x` });
    await fetch(liar);
    expect(evil.requests.map(({ headers }) => headers['authorization'])).toEqual([undefined]);
    expect(server.requests).toEqual([]);
  });

  it('for an object that returns another text each time', async () => {
    const { server, fetch, authorization } = await keyProvider();
    const evil = await loopbackServer(() => ({}));
    let reads = 0;
    const shifting = {
      toString() {
        reads += 1;
        return `${reads === 1 ? server.origin : evil.origin}/v1/x`;
      },
    };
    await fetch(shifting as never);
    expect(evil.requests).toEqual([]);
    expect(authorization()).toBe('Bearer own-token');
  });

  it('for the Request of another implementation, with its method, headers and body', async () => {
    const { server, fetch, authorization } = await keyProvider();
    const request = new UndiciRequest(`${server.origin}/v1/x`, {
      method: 'POST',
      body: 'text',
      headers: { 'x-kept': '1' },
    });
    await fetch(request as never);
    expect(server.requests).toMatchObject([{ method: 'POST', body: 'text', headers: { 'x-kept': '1' } }]);
    expect(authorization()).toBe('Bearer own-token');
  });
});

it('the stream of a Request is not kept for a provider without retries', async () => {
  const server = await loopbackServer(() => ({ status: 307, headers: { location: '/v1/other' } }));
  const provider = defineProvider({ kind: 'bearer', baseUrl: `${server.origin}/v1`, bearerToken: 'own' });
  const fetch = providerFetch(await resolveProviderAuth({ auth: await loadAuth(), provider }));
  let sent = 0;
  const body = new ReadableStream({
    async pull(controller) {
      for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
      sent += 1;
      controller.enqueue(new Uint8Array(16));
      if (sent === 2) controller.close();
    },
  });
  const request = new Request(`${server.origin}/v1/x`, { method: 'POST', body, duplex: 'half' });
  expect((await thrownBy(() => fetch(request))).code).toBe('redirect_failed');
  expect(server.requests.map((each) => each.body.length)).toEqual([32]);
});
