import { once } from 'node:events';
import { createServer, request as sendRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startBroker } from 'agent-identity-broker';
import { defineProvider, loadAuth } from 'provider-auth';
import { deferred, listenOnLoopback, printedForms, temporaryFolder, thrownBy } from 'test-support';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startScene } from './support/start-scene.js';

const post = (body: RequestInit['body'], headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: body ?? null,
  headers,
});

async function refusalOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { readonly error: { readonly code: string } };
  return `${response.status} ${error.code}`;
}

describe('a broker', () => {
  it('signs the requests of a client that knows only the access token', async () => {
    const { send, agentRuntimeId, received, log } = await startScene();
    const response = await send(
      '/v1/responses?x=1',
      post('{"input":"hello"}', { 'x-request-id': 'request-1' }),
    );
    expect(await response.json()).toMatchObject({ agentRuntimeId });
    expect(received[0]?.url).toBe('/v1/responses?x=1');
    expect(received[0]?.headers['x-request-id']).toBe('request-1');
    expect(response.headers.get('x-request-id')).toBe('request-1');
    await vi.waitFor(() => expect(log).toHaveLength(1));
    expect(log[0]).toMatchObject({
      requestId: 'request-1',
      rule: 'POST /v1/responses',
      status: 200,
      refusal: undefined,
      attempts: 1,
      requestBytes: 17,
    });
  });

  it('keeps credentials and cookies of the client, and headers of the hop, from the service', async () => {
    const { send, received } = await startScene();
    await send('/v1/models', {
      headers: {
        cookie: 'session=secret',
        'x-api-key': 'key-of-the-client',
        'x-openai-agent-assertion': '1.forged',
        'chatgpt-account-id': 'account-2',
        chatgpt_account_id: 'account-2',
        'x-forwarded-for': '10.0.0.1',
        'x-http-method-override': 'DELETE',
        'openai-beta': 'responses=v1',
      },
    });
    const { headers = {} } = received[0] ?? {};
    expect(headers['authorization']).toMatch(/^AgentAssertion /);
    expect(headers['chatgpt-account-id']).toBe('account-1');
    expect(headers['openai-beta']).toBe('responses=v1');
    const names = [
      'cookie',
      'x-api-key',
      'x-openai-agent-assertion',
      'x-forwarded-for',
      'chatgpt_account_id',
    ];
    for (const name of [...names, 'x-http-method-override']) expect(headers).not.toHaveProperty(name);
  });

  it('replaces a task that is gone, and sends the request with its body again', async () => {
    const bodies: string[] = [];
    const { send, authority, agentRuntimeId, log } = await startScene(
      async (request, response, { taskId }) => {
        bodies.push(Buffer.concat(await request.toArray()).toString());
        response.end(taskId);
      },
    );
    const taskId = await (await send('/v1/responses', post('first'))).text();
    await authority.revokeAgentTask({ agentRuntimeId, taskId });
    const answer = await send('/v1/responses', post('second'));
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toBe(taskId);
    expect(bodies).toEqual(['first', 'second']);
    await vi.waitFor(() => expect(log[1]).toMatchObject({ status: 200, attempts: 2 }));
  });

  it('passes on the refusal of a revoked agent, and then answers without asking the service', async () => {
    const { send, authority, agentRuntimeId, received } = await startScene();
    await send('/v1/models');
    await authority.revokeAgentRuntime(agentRuntimeId);
    expect((await send('/v1/models')).status).toBe(403);
    const before = received.length;
    const refused = await send('/v1/models');
    expect([refused.status, (await refused.text()).includes('agent_runtime')]).toEqual([502, true]);
    expect(received.length).toBe(before);
  });

  it('streams both ways, and does not touch compressed bodies', async () => {
    const compressed = gzipSync('a long text '.repeat(1000));
    const { send } = await startScene(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    });
    const response = await send('/v1/responses', post(compressed, { 'content-encoding': 'gzip' }));
    expect(await response.text()).toBe('a long text '.repeat(1000));
  });

  it('passes on each event of a stream when it comes', async () => {
    const next = deferred();
    const { send } = await startScene(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      await next.promise;
      response.end('data: 2\n\n');
    });
    const response = await send('/v1/responses', post('{}'));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('data: 1\n\n');
    next.resolve();
    expect((await reader?.read())?.value).toBe('data: 2\n\n');
  });

  it('ends the request to the service when the client leaves', async () => {
    const left = deferred();
    const { send } = await startScene((_request, response) => {
      response.write('begun');
      response.once('close', () => left.resolve());
    });
    const client = new AbortController();
    const response = await send('/v1/responses', { ...post('{}'), signal: client.signal });
    expect(response.status).toBe(200);
    client.abort();
    await left.promise;
  });

  it('cuts the response off where the service did', async () => {
    const { send } = await startScene((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setImmediate(() => response.destroy());
    });
    const response = await send('/v1/responses', post('{}'));
    await expect(response.text()).rejects.toThrow();
  });

  it('connects WebSockets, and closes them when their task is replaced', async () => {
    const { broker, send, authority, agentRuntimeId } = await startScene((_request, response, { taskId }) =>
      response.end(taskId),
    );
    const headers = { authorization: `Bearer ${broker.accessToken}` };
    const webSocket = new WebSocket(`${broker.baseUrl}/responses`.replace('http', 'ws'), { headers });
    const [taskId] = await once(webSocket, 'message');
    webSocket.send('echo');
    expect(String((await once(webSocket, 'message'))[0])).toBe('echo');
    const closed = once(webSocket, 'close');
    await authority.revokeAgentTask({ agentRuntimeId, taskId: String(taskId) });
    await send('/v1/models');
    await closed;
  });

  it('answers 502 for a service that is not there', async () => {
    const server = createServer();
    const origin = await listenOnLoopback(server);
    await new Promise((resolve) => server.close(resolve));
    const provider = defineProvider({ kind: 'no_auth', baseUrl: origin });
    const broker = await startBroker({
      auth: await loadAuth({ apiKey: 'sk-key' }),
      provider,
      allow: ['GET /x'],
    });
    onTestFinished(() => broker.close());
    const headers = { authorization: `Bearer ${broker.accessToken}` };
    expect(await refusalOf(await fetch(`${broker.baseUrl}/x`, { headers }))).toBe('502 upstream_unreachable');
  });

  it('leads redirects inside the service to itself', async () => {
    const { send, broker } = await startScene((request, response) =>
      response.writeHead(307, { location: `http://${request.headers.host}/v1/models` }).end(),
    );
    const response = await send('/v1/responses', post('{}'));
    expect([response.status, response.headers.get('location')]).toEqual([307, `${broker.baseUrl}/models`]);
  });

  it('ends requests at close that last longer than the limit', async () => {
    const { send, broker } = await startScene((_request, response) => response.write('begun'));
    const response = await send('/v1/responses', post('{}'));
    await broker.close({ timeoutSeconds: 0.01 });
    await expect(response.text()).rejects.toThrow();
    await expect(send('/v1/models')).rejects.toThrow();
  });

  it('shows no secret when it is printed', async () => {
    const { broker } = await startScene();
    for (const text of [...printedForms(broker.describe())]) expect(text).not.toContain('PRIVATE');
    expect(broker.describe()).toMatchObject({ credential: 'agent_assertion' });
  });
});

describe('a broker refuses', () => {
  it.each([
    ['DELETE', '/v1/responses'],
    ['GET', '/v1/responses'],
    ['POST', '/v1/responses/'],
    ['POST', '/v1/models/../responses'],
    ['GET', '/v1/files'],
    ['GET', '/v1/%6dodels'],
    ['GET', '/v1//models'],
    ['GET', '/v1/models;x'],
    ['GET', '/v1/models%2f..'],
  ])('%s %s, which no rule allows', async (method, path) => {
    const { broker, received } = await startScene();
    const { port } = new URL(broker.baseUrl ?? '');
    const headers = { authorization: `Bearer ${broker.accessToken}` };
    const request = sendRequest({ port, host: '127.0.0.1', method, path, headers }).end();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(403);
    expect(received).toHaveLength(0);
  });

  it.each([
    ['no access token', { authorization: 'Basic eDp5' }, '401 access_token_required'],
    [
      'a wrong access token',
      { authorization: `Bearer broker-${'x'.repeat(43)}` },
      '401 access_token_required',
    ],
    ['a page of another origin', { origin: 'https://example.com' }, '403 browser_request'],
    ['a page without an origin', { origin: 'null' }, '403 browser_request'],
    ['a cross-site request', { 'sec-fetch-site': 'cross-site' }, '403 browser_request'],
    ['a name that was rebound to loopback', { host: 'rebound.example.com' }, '403 host_not_allowed'],
    ['another port', { host: '127.0.0.1:1' }, '403 host_not_allowed'],
  ])('%s', async (_what, headers, refusal) => {
    const { broker, received, log } = await startScene();
    const { port } = new URL(broker.baseUrl ?? '');
    const sent = { authorization: `Bearer ${broker.accessToken}`, ...headers };
    const request = sendRequest({ port, host: '127.0.0.1', path: '/v1/models', headers: sent }).end();
    const [response] = await once(request, 'response');
    const { error } = JSON.parse(Buffer.concat(await response.toArray()).toString());
    expect(`${response.statusCode} ${error.code}`).toBe(refusal);
    expect(received).toHaveLength(0);
    expect(log[0]).toMatchObject({ rule: undefined, refusal: error.code, attempts: 0 });
  });

  it('a handshake without the access token', async () => {
    const { broker, received } = await startScene();
    const webSocket = new WebSocket(`${broker.baseUrl}/responses`.replace('http', 'ws'));
    webSocket.on('error', () => {});
    const [, response] = await once(webSocket, 'unexpected-response');
    expect(response.statusCode).toBe(401);
    expect(received).toHaveLength(0);
  });

  it.each([
    ['POST', 'websocket'],
    ['GET', 'h2c'],
  ])('a handshake by %s for %s', async (method, upgrade) => {
    const { broker, received } = await startScene();
    const { port } = new URL(broker.baseUrl ?? '');
    const headers = { authorization: `Bearer ${broker.accessToken}`, connection: 'upgrade', upgrade };
    const request = sendRequest({ port, host: '127.0.0.1', method, path: '/v1/responses', headers }).end();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(403);
    expect(received).toHaveLength(0);
  });

  it('a body that is too long, with and without its length', async () => {
    const { send } = await startScene(undefined, { maxRequestBytes: 10 });
    expect(await refusalOf(await send('/v1/responses', post('x'.repeat(11))))).toBe('413 request_too_large');
    const stream = new Blob(['x'.repeat(11)]).stream();
    const init = { ...post(stream), duplex: 'half' } as RequestInit;
    expect(await refusalOf(await send('/v1/responses', init))).toBe('413 request_too_large');
  });

  it.each([
    [{ allow: [] }, 'invalid_argument'],
    [{ allow: ['post /v1/responses'] }, 'invalid_argument'],
    [{ allow: ['POST /other'] }, 'rule_outside_provider'],
    [{ accessToken: 'short' }, 'invalid_argument'],
    [{ host: '0.0.0.0' }, 'invalid_argument'],
    [{ port: 70_000 }, 'invalid_argument'],
    [{ alow: ['GET /'] }, 'invalid_argument'],
    [{ maxRequestBytes: 0 }, 'invalid_argument'],
    [{ socketPath: '/tmp/x.sock', port: 1 }, 'invalid_argument'],
  ])('the options %o', async (options, code) => {
    const provider = defineProvider({ kind: 'no_auth', baseUrl: 'http://127.0.0.1:1/v1' });
    const auth = await loadAuth({ apiKey: 'sk-key' });
    const start = () => startBroker({ auth, provider, allow: ['GET /v1/x'], ...(options as object) });
    expect(await thrownBy(start)).toMatchObject({ code });
  });
});

describe('a broker on a Unix socket', () => {
  const get = async (socketPath: string, headers = {}) => {
    const request = sendRequest({ socketPath, path: '/v1/models', headers }).end();
    const [response] = await once(request, 'response');
    return response.statusCode;
  };

  it('serves this user without an access token, and takes over a dead socket', async () => {
    const socketPath = `${await temporaryFolder()}/broker.sock`;
    const dead = createServer().listen(socketPath);
    await once(dead, 'listening');
    // The file stays, as after a crash.
    (dead as unknown as { _handle: { close(): void } })._handle.close();
    const { broker } = await startScene(undefined, { socketPath });
    expect(broker).toMatchObject({ baseUrl: undefined, accessToken: undefined, socketPath });
    expect(await get(socketPath)).toBe(200);
    expect(await get(socketPath, { origin: 'https://example.com' })).toBe(403);
  });

  it('refuses a folder that others may enter, and a socket that is in use', async () => {
    const { chmod } = await import('node:fs/promises');
    const folder = await temporaryFolder();
    await chmod(folder, 0o755);
    const socketPath = `${folder}/broker.sock`;
    expect(await thrownBy(() => startScene(undefined, { socketPath }))).toMatchObject({
      code: 'unsafe_socket',
    });
    await startScene(undefined, { socketPath, accessToken: 'x'.repeat(32) });
    const second = () => startScene(undefined, { socketPath, accessToken: 'x'.repeat(32) });
    expect(await thrownBy(second)).toMatchObject({ code: 'cannot_listen' });
    expect(await get(socketPath)).toBe(401);
  });
});
