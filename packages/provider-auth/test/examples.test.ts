import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isAgentIdentityError } from 'agent-identity-core';
import { providerFetch } from 'provider-auth';
import { deferred, loopbackServer, readHead, responsesApi } from 'test-support';
import { Agent, request, WebSocket as UndiciWebSocket, fetch as undiciFetch } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import type WebSocket from 'ws';
import { WebSocketServer } from 'ws';
import { axiosClient } from '../examples/axios-header-hook.js';
import * as openaiSdk from '../examples/openai-sdk.js';
import { providerAuthInterceptor } from '../examples/undici-interceptor.js';
import * as aiSdk from '../examples/vercel-ai-sdk.js';
import { keepConnected } from '../examples/websocket.js';
import { type FirstParty, firstParty, refusalOf, taskOf } from './support/first-party.js';
import { startRun } from './support/start-run.js';

async function running() {
  const world = await firstParty();
  world.state.answerRequest = responsesApi;
  const { auth, resolved } = await startRun(world);
  return { world, auth, resolved, baseUrl: world.provider.baseUrl };
}

/** Returns the path and the task of each request to the provider. */
const seenBy = ({ provider }: FirstParty) => provider.requests.map((each) => `${each.path} ${taskOf(each)}`);

describe('examples/openai-sdk.ts', () => {
  it('streams, calls tools and compacts under the run’s task', async () => {
    const { world, auth, baseUrl } = await running();
    const client = openaiSdk.openaiClient(auth, baseUrl);
    expect(await openaiSdk.streamAnswer(client, 'hello')).toEqual(['you ', 'said ', 'hello']);
    expect(await openaiSdk.answerWithTool(client, 'what is 2 + 3?')).toBe('the sum is 5');
    expect(await openaiSdk.compactConversation(client, 'hello')).toEqual(['compaction']);
    expect(seenBy(world)).toEqual([
      '/v1/responses task-1',
      '/v1/responses task-1',
      '/v1/responses task-1',
      '/v1/responses/compact task-1',
    ]);
  });

  it('recovers from a task that is gone without the SDK noticing', async () => {
    const { world, auth, baseUrl } = await running();
    world.state.liveTasks.clear();
    const client = openaiSdk.openaiClient(auth, baseUrl);
    expect(await openaiSdk.streamAnswer(client, 'hello')).toEqual(['you ', 'said ', 'hello']);
    expect(seenBy(world)).toEqual(['/v1/responses task-1', '/v1/responses task-2']);
  });

  it('signs a retry of the SDK again', async () => {
    const { world, auth, baseUrl } = await running();
    world.state.answerRequest = (each, response) =>
      world.provider.requests.length === 1
        ? { status: 503, headers: { 'retry-after-ms': '1' } }
        : responsesApi(each, response);
    expect(await openaiSdk.compactConversation(openaiSdk.openaiClient(auth, baseUrl), 'hello')).toEqual([
      'compaction',
    ]);
    expect(seenBy(world)).toEqual(['/v1/responses/compact task-1', '/v1/responses/compact task-1']);
  });

  it('passes the error of a deleted runtime on as the cause', async () => {
    const { world, auth, baseUrl } = await running();
    world.state.isRuntimeDeleted = true;
    const client = openaiSdk.openaiClient(auth, baseUrl).withOptions({ maxRetries: 0 });
    await expect(openaiSdk.compactConversation(client, 'x')).rejects.toMatchObject({ status: 403 });
    const error = await openaiSdk.compactConversation(client, 'x').catch((thrown: unknown) => thrown);
    expect(isAgentIdentityError((error as Error).cause)).toBe(true);
  });
});

describe('examples/vercel-ai-sdk.ts', () => {
  it('streams, calls tools and compacts under the run’s task', async () => {
    const { world, auth, baseUrl } = await running();
    const provider = aiSdk.aiSdkProvider(auth, baseUrl);
    expect(await aiSdk.streamAnswer(provider, 'hello')).toEqual(['you ', 'said ', 'hello']);
    expect(await aiSdk.answerWithTool(provider, 'what is 2 + 3?')).toBe('the sum is 5');
    expect(await aiSdk.compactConversation(auth, baseUrl, 'hello')).toEqual(['compaction']);
    expect(seenBy(world)).toEqual([
      '/v1/responses task-1',
      '/v1/responses task-1',
      '/v1/responses task-1',
      '/v1/responses/compact task-1',
    ]);
  });

  it('recovers from a task that is gone without the SDK noticing', async () => {
    const { world, auth, baseUrl } = await running();
    world.state.liveTasks.clear();
    const provider = aiSdk.aiSdkProvider(auth, baseUrl);
    expect(await aiSdk.answerWithTool(provider, 'what is 2 + 3?')).toBe('the sum is 5');
    expect(seenBy(world)).toEqual(['/v1/responses task-1', '/v1/responses task-2', '/v1/responses task-2']);
  });
});

describe('examples/axios-header-hook.ts', () => {
  const body = { model: 'gpt-5-codex', input: 'hello' };

  it('signs each request, and retries one whose task is gone', async () => {
    const { world, resolved } = await running();
    const client = axiosClient(resolved);
    expect((await client.post('/responses/compact', body)).data.object).toBe('response.compaction');
    world.state.liveTasks.clear();
    expect((await client.post('/responses', body)).data.output[0].content[0].text).toBe('you said hello');
    expect(seenBy(world)).toEqual([
      '/v1/responses/compact task-1',
      '/v1/responses task-1',
      '/v1/responses task-2',
    ]);
  });

  it('removes the caller’s other credentials', async () => {
    const { world, resolved } = await running();
    const headers = { 'x-api-key': 'caller', 'Api-Key': 'caller', authorization: 'caller', 'x-kept': '1' };
    await axiosClient(resolved).post('/responses', body, { headers });
    const [sent] = world.provider.requests;
    expect(sent?.headers).toMatchObject({
      authorization: expect.stringMatching(/^AgentAssertion /),
      'x-kept': '1',
    });
    expect(sent?.headers).not.toHaveProperty('x-api-key');
    expect(sent?.headers).not.toHaveProperty('api-key');
  });

  it('passes other refusals on, and sends other hosts nothing', async () => {
    const { world, resolved } = await running();
    const client = axiosClient(resolved);
    world.state.answerRequest = () => ({ status: 403 });
    await expect(client.post('/responses', body)).rejects.toMatchObject({ status: 403 });
    const other = await loopbackServer(() => ({}));
    await client.get(`${other.origin}/v1/x`);
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
  });
});

describe('examples/undici-interceptor.ts', () => {
  const post = { method: 'POST' as const, body: JSON.stringify({ input: 'hello' }) };

  it('signs requests to the provider, and not those to other hosts', async () => {
    const { world, resolved } = await running();
    const other = await loopbackServer(() => ({}));
    const dispatcher = new Agent().compose(providerAuthInterceptor(resolved));
    onTestFinished(() => dispatcher.close());
    const headers = { authorization: 'Bearer of-caller' };
    const answer = await request(`${world.provider.baseUrl}/responses`, { ...post, headers, dispatcher });
    expect([answer.statusCode, ((await answer.body.json()) as { object: string }).object]).toEqual([
      200,
      'response',
    ]);
    await request(`${other.origin}/v1/x`, { dispatcher, headers });
    expect(seenBy(world)).toEqual(['/v1/responses task-1']);
    expect(other.requests[0]?.headers).toHaveProperty('authorization', 'Bearer of-caller');
  });

  it('removes the caller’s other credentials in every form of headers', async () => {
    const { world, resolved } = await running();
    const dispatcher = new Agent().compose(providerAuthInterceptor(resolved));
    onTestFinished(() => dispatcher.close());
    const given = { 'X-Api-Key': 'caller', 'api-key': 'caller', Authorization: 'caller', 'x-kept': '1' };
    for (const headers of [given, new Headers(given), Object.entries(given).flat()]) {
      await request(`${world.provider.baseUrl}/responses`, {
        ...post,
        headers: headers as never,
        dispatcher,
      });
    }
    for (const { headers } of world.provider.requests) {
      expect(headers).toMatchObject({
        authorization: expect.stringMatching(/^AgentAssertion /),
        'x-kept': '1',
      });
      expect(headers).not.toHaveProperty('x-api-key');
      expect(headers).not.toHaveProperty('api-key');
    }
    expect(world.provider.requests).toHaveLength(3);
  });

  it.each<[title: string, path: (provider: string) => string]>([
    ['a path that is a whole URL', (provider) => `${provider}/v1/responses`],
    ['a path that is a URL without scheme', (provider) => `//${new URL(provider).host}/v1/responses`],
  ])('sends no assertion to another host with %s', async (_, path) => {
    const { world, resolved } = await running();
    const other = await loopbackServer(() => ({}));
    const dispatcher = new Agent().compose(providerAuthInterceptor(resolved));
    onTestFinished(() => dispatcher.close());
    const sent = dispatcher.request({
      origin: other.origin,
      path: path(world.provider.origin),
      method: 'GET',
    });
    await sent.catch(() => {}); // undici may refuse it.
    expect(other.requests.map(({ headers }) => headers['authorization'])).not.toContainEqual(
      expect.stringContaining('Assertion'),
    );
    expect(world.provider.requests).toEqual([]);
  });

  it('sends no assertion with a path that changes when it is normalized', async () => {
    const { world, resolved } = await running();
    const dispatcher = new Agent().compose(providerAuthInterceptor(resolved));
    onTestFinished(() => dispatcher.close());
    const path = '/admin/../v1/responses';
    await dispatcher.request({ origin: world.provider.origin, path, method: 'GET' });
    expect(world.provider.requests.map(({ headers }) => headers['authorization'])).toEqual([undefined]);
  });

  it('fails the request if prepare fails', async () => {
    const { world, resolved } = await running();
    world.state.isRuntimeDeleted = true;
    const dispatcher = new Agent().compose(providerAuthInterceptor(resolved));
    onTestFinished(() => dispatcher.close());
    await request(`${world.provider.baseUrl}/responses`, { ...post, dispatcher });
    await providerFetch(resolved)(world.provider.baseUrl);
    const again = request(`${world.provider.baseUrl}/responses`, { ...post, dispatcher });
    await expect(again).rejects.toMatchObject({ code: 'agent_runtime_deleted' });
  });

  it('works with undici’s own fetch below providerFetch', async () => {
    const { world, resolved } = await running();
    world.state.liveTasks.clear();
    const fetch = providerFetch(resolved, { fetch: undiciFetch as never });
    const response = await fetch(`${world.provider.baseUrl}/responses`, post);
    expect(response.status).toBe(200);
    expect(seenBy(world)).toEqual(['/v1/responses task-1', '/v1/responses task-2']);
  });
});

/** A provider with a WebSocket at `/v1/responses`, which sends each connection its task. */
async function webSocketProvider(world: FirstParty) {
  const tasks: string[] = [];
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (incoming, socket, head) => {
    const handshake = { ...readHead(incoming), body: '' };
    tasks.push(taskOf(handshake));
    const refusal = refusalOf(handshake, world.agentKey, world.state);
    if (refusal === undefined) {
      sockets.handleUpgrade(incoming, socket, head, (connection) => connection.send(taskOf(handshake)));
      return;
    }
    const body = JSON.stringify(refusal.body);
    socket.end(
      `HTTP/1.1 ${refusal.status} No\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { tasks, baseUrl: `http://${origin}/v1`, url: `ws://${origin}/v1/responses` };
}

describe('examples/websocket.ts', () => {
  async function connected() {
    const world = await firstParty();
    const provider = await webSocketProvider(world);
    const http = world.provider;
    // One provider: the WebSocket at its base URL, and HTTP where the task turns out to be gone.
    const { resolved, scope } = await startRun({
      ...world,
      provider: { ...http, baseUrl: provider.baseUrl },
    });
    return { world, provider, resolved, scope };
  }

  /** Collects the first message of each connection. */
  function messages() {
    const arrived: string[] = [];
    let next = deferred();
    return {
      onOpen(socket: WebSocket) {
        socket.once('message', (data) => {
          arrived.push(String(data));
          next.resolve();
          next = deferred();
        });
      },
      async until(count: number) {
        while (arrived.length < count) await next.promise;
        return arrived;
      },
    };
  }

  it('closes a connection whose task is replaced, and opens it again under the new one', async () => {
    const { world, provider, resolved } = await connected();
    const seen = messages();
    const connection = keepConnected(resolved, provider.url, {
      ...seen,
      onError: (error) => expect.unreachable(String(error)),
    });
    onTestFinished(() => connection.close());
    expect(await seen.until(1)).toEqual(['task-1']);

    world.state.liveTasks.clear();
    const credentials = resolved.credentialsFor(provider.url);
    expect(credentials.closeSignal.aborted).toBe(false);
    await credentials.afterResponse({ status: 401, body: () => ({ error: { code: 'task_expired' } }) });
    expect(credentials.closeSignal.aborted).toBe(true);
    expect(credentials.closeSignal.reason).toMatchObject({ code: 'task_replaced' });

    expect(await seen.until(2)).toEqual(['task-1', 'task-2']);
    expect(provider.tasks).toEqual(['task-1', 'task-2']);
  });

  it('replaces the task of a refused handshake', async () => {
    const { world, provider, resolved } = await connected();
    world.state.liveTasks.clear();
    const seen = messages();
    const connection = keepConnected(resolved, provider.url, {
      ...seen,
      onError: (error) => expect.unreachable(String(error)),
    });
    onTestFinished(() => connection.close());
    expect(await seen.until(1)).toEqual(['task-2']);
    expect(provider.tasks).toEqual(['task-1', 'task-2']);
  });

  it('does not connect after it was closed', async () => {
    const { provider, resolved } = await connected();
    const prepared = deferred();
    const slow: typeof resolved = Object.create(resolved, {
      prepare: { value: () => prepared.promise },
      webSocketHeaders: { value: (url: string) => resolved.webSocketHeaders(url) },
    });
    const onOpen = () => expect.unreachable('expected no connection');
    const connection = keepConnected(slow, provider.url, { onOpen, onError: onOpen });
    connection.close();
    prepared.resolve();
    await connection.done;
    expect(provider.tasks).toEqual([]);
  });

  it('does not connect again if it is closed during a refused handshake', async () => {
    const { world, provider, resolved } = await connected();
    world.state.liveTasks.clear();
    world.state.answerRegistration = (request) => {
      connection.close();
      world.state.answerRegistration = undefined;
      return { body: { task_id: `task-for-${request.method}` } };
    };
    const onOpen = () => expect.unreachable('expected no connection');
    const connection = keepConnected(resolved, provider.url, { onOpen, onError: onOpen });
    await connection.done;
    expect(provider.tasks).toEqual(['task-1']);
  });

  it('reports a failure after a refused handshake', async () => {
    const { world, provider, resolved } = await connected();
    world.state.liveTasks.clear();
    const failure = new Error('cannot be prepared');
    let prepares = 0;
    const failing: typeof resolved = Object.create(resolved, {
      prepare: {
        value: async () => {
          prepares += 1;
          if (prepares > 1) throw failure;
        },
      },
      webSocketHeaders: { value: (url: string) => resolved.webSocketHeaders(url) },
    });
    const failed = deferred<unknown>();
    keepConnected(failing, provider.url, { onOpen: () => {}, onError: failed.resolve });
    expect(await failed.promise).toBe(failure);
  });

  it('reports a handshake that is refused for another reason', async () => {
    const { world, provider, resolved } = await connected();
    world.state.isRuntimeDeleted = true;
    const failed = deferred<unknown>();
    keepConnected(resolved, provider.url, { onOpen: () => {}, onError: failed.resolve });
    expect(String(await failed.promise)).toContain('403');
  });

  it('gives undici’s WebSocket the same headers', async () => {
    const { provider, resolved } = await connected();
    const { headers } = resolved.webSocketHeaders(provider.url);
    const socket = new UndiciWebSocket(provider.url, { headers });
    const [event] = await once(socket as unknown as NodeJS.EventEmitter, 'message');
    expect(event.data).toBe('task-1');
    socket.close();
  });

  it('refuses a handshake with another host before it connects', async () => {
    const { resolved } = await connected();
    expect(() => resolved.webSocketHeaders('wss://other.test/v1/responses')).toThrow(
      expect.objectContaining({ code: 'outside_provider' }),
    );
  });
});
