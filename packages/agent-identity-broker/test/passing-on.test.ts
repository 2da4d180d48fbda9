import { once } from 'node:events';
import { Agent, request as sendRequest } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { startBroker } from 'agent-identity-broker';
import { defineProvider, loadAuth } from 'provider-auth';
import { deferred } from 'test-support';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startScene } from './support/start-scene.js';

/** Starts a broker before a service that answers each connection with these bytes. */
async function startRawScene(answer: (socket: Socket) => void) {
  const service = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => answer(socket));
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  onTestFinished(() => void service.close());
  const { port } = service.address() as AddressInfo;
  const broker = await startBroker({
    auth: await loadAuth({ apiKey: 'sk-key' }),
    provider: defineProvider({ kind: 'no_auth', baseUrl: `http://127.0.0.1:${port}` }),
    allow: ['GET /x', 'HEAD /x', 'WEBSOCKET /x'],
  });
  onTestFinished(() => broker.close({ timeoutSeconds: 0.001 }));
  return { broker, headers: { authorization: `Bearer ${broker.accessToken}` } };
}

/** Sends a request and returns the response as Node's client sees it. */
async function get(url: string, options: { method?: string; headers: Record<string, string> }) {
  const [response] = await once(sendRequest(url, options).end(), 'response');
  const body = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode, message: response.statusMessage, raw: response.rawHeaders, body };
}

describe('a broker passes on', () => {
  it('the bytes of headers, their order, their case and repeated ones', async () => {
    const { broker, headers } = await startRawScene((socket) =>
      socket.end(
        Buffer.from(
          'HTTP/1.1 203 Gr\xfc\xdfe\r\nX-B: \xe9\r\nx-a: 1\r\nX-B: \xc3\xa9\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: 2\r\n\r\nok',
          'latin1',
        ),
      ),
    );
    const { status, raw, body } = await get(`${broker.baseUrl}/x`, { headers });
    expect([status, body]).toEqual([203, 'ok']);
    expect(raw.slice(0, 8)).toEqual(['X-B', '\xe9', 'x-a', '1', 'X-B', '\xc3\xa9', 'Content-Length', '2']);
    expect(raw).not.toContain('X-Hop');
  });

  it('the final response, not the informational ones before it', async () => {
    const { broker, headers } = await startRawScene((socket) =>
      socket.end(
        'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      ),
    );
    expect(await get(`${broker.baseUrl}/x`, { headers })).toMatchObject({ status: 200, body: 'ok' });
  });

  it('the head of a response to HEAD', async () => {
    const { broker, headers } = await startRawScene((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n'),
    );
    const { status, raw, body } = await get(`${broker.baseUrl}/x`, { method: 'HEAD', headers });
    expect([status, body]).toEqual([200, '']);
    expect(raw.slice(0, 2)).toEqual(['Content-Length', '12']);
  });

  it('a body that ends with its connection, and one without an end as cut off', async () => {
    const { broker, headers } = await startRawScene((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhalf'));
    expect((await get(`${broker.baseUrl}/x`, { headers })).body).toBe('half');
    const cut = await startRawScene((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'),
    );
    await expect(get(`${cut.broker.baseUrl}/x`, { headers: cut.headers })).rejects.toThrow('aborted');
  });

  it('a refusal whose body is too long to judge', async () => {
    const text = 'x'.repeat(300_000);
    const { send } = await startScene((_request, response) => response.writeHead(401).end(text));
    const response = await send('/v1/models');
    expect([response.status, await response.text()]).toEqual([401, text]);
  });

  it('the refusal of a handshake', async () => {
    const { broker, headers } = await startRawScene((socket) =>
      socket.end('HTTP/1.1 429 Slow Down\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nlate'),
    );
    const webSocket = new WebSocket(`${broker.baseUrl}/x`.replace('http', 'ws'), { headers });
    webSocket.on('error', () => {});
    const [, response] = await once(webSocket, 'unexpected-response');
    const body = Buffer.concat(await response.toArray()).toString();
    expect([response.statusCode, response.headers['retry-after'], body]).toEqual([429, '3', 'late']);
  });

  it('what the service sends right after it accepted a handshake', async () => {
    const { broker, headers } = await startRawScene((socket) =>
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello',
      ),
    );
    const handshake = { ...headers, connection: 'Upgrade', upgrade: 'websocket' };
    const [, socket, head] = await once(
      sendRequest(`${broker.baseUrl}/x`, { headers: handshake }).end(),
      'upgrade',
    );
    const received = head.length > 0 ? head : (await once(socket, 'data'))[0];
    socket.destroy();
    expect(String(received)).toBe('hello');
  });
});

it('a client that leaves while a refusal is judged is logged, and its request to the service ends', async () => {
  const begun = deferred();
  const left = deferred();
  const { send, log } = await startScene((_request, response) => {
    response.once('close', () => left.resolve());
    response.writeHead(401).write('{');
    begun.resolve();
  });
  const client = new AbortController();
  const sent = send('/v1/models', { signal: client.signal });
  await begun.promise;
  client.abort();
  await expect(sent).rejects.toThrow();
  await left.promise;
  await vi.waitFor(() => expect(log).toHaveLength(1));
});

it('a client that closes during its handshake frees its connections', async () => {
  const left = deferred();
  const { broker, headers } = await startRawScene((socket) => socket.once('close', () => left.resolve()));
  const { port, host } = new URL(broker.baseUrl ?? '');
  const client = connect(Number(port), '127.0.0.1');
  const lines = [
    `host: ${host}`,
    `authorization: ${headers.authorization}`,
    'connection: upgrade',
    'upgrade: websocket',
  ];
  client.write(`GET /x HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 200));
  client.end();
  await left.promise;
});

it.each([
  ['other', '/v1/other'],
  ['?page=2', '/v1/models?page=2'],
  ['/v1/x', '/v1/x'],
])('a relative redirect to %s leads to %s', async (location, expected) => {
  const { send, broker } = await startScene((_request, response) =>
    response.writeHead(307, { location }).end(),
  );
  const response = await send('/v1/models');
  expect(response.headers.get('location')).toBe(new URL(expected, broker.baseUrl).href);
});

it('the access token of a broker is not passed on as a request id', async () => {
  const { send, broker, received, log } = await startScene();
  await send('/v1/models', { headers: { 'x-request-id': broker.accessToken ?? '' } });
  expect(JSON.stringify([received[0]?.rawHeaders, log])).not.toContain(broker.accessToken);
});

it('a connection to a broker can be used again after an answer that came before the end of the request', async () => {
  const { broker } = await startScene((request, response) => {
    if (request.method === 'POST') response.writeHead(413).end('too much');
    else response.end('models');
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const headers = { authorization: `Bearer ${broker.accessToken}` };
  const early = sendRequest(`${broker.baseUrl}/responses`, { method: 'POST', headers, agent });
  early.write(Buffer.alloc(1_000_000));
  const [refused] = await once(early, 'response');
  expect([refused.statusCode, String(Buffer.concat(await refused.toArray()))]).toEqual([413, 'too much']);
  early.end(Buffer.alloc(1_000_000));
  const [response] = await once(
    sendRequest(`${broker.baseUrl}/models`, { headers, agent }).end(),
    'response',
  );
  expect(String(Buffer.concat(await response.toArray()))).toBe('models');
});
