import { once } from 'node:events';
import { request as sendRequest } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { startBroker } from 'agent-identity-broker';
import { defineProvider, loadAuth } from 'provider-auth';
import { thrownBy } from 'test-support';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { post, refusalOf } from './support/requests.js';
import { startScene } from './support/start-scene.js';

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

  it.each([
    ['two hosts', 'host: localhost\r\n', '403'],
    ['a transfer coding that it does not know', 'transfer-encoding: gzip, chunked\r\n', '501'],
  ])('a request with %s', async (_what, line, status) => {
    const { broker, received } = await startScene();
    const { port, host } = new URL(broker.baseUrl ?? '');
    const socket = connect(Number(port), '127.0.0.1');
    const head = `POST /v1/responses HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${broker.accessToken}\r\n`;
    socket.write(`${head}${line}\r\n`);
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(received).toHaveLength(0);
  });

  it('a handshake without the access token', async () => {
    const { broker, received } = await startScene();
    const webSocket = new WebSocket(`${broker.baseUrl}/responses`.replace('http', 'ws'));
    webSocket.on('error', () => {});
    const [, response] = await once(webSocket, 'unexpected-response');
    expect(response.statusCode).toBe(401);
    expect(received).toHaveLength(0);
  });

  it('a handshake, and closes the connection although the client does not', async () => {
    const { broker, send } = await startScene(undefined, { maxConnections: 1 });
    const { port, host } = new URL(broker.baseUrl ?? '');
    const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    onTestFinished(() => void client.destroy());
    client.write(
      `GET /v1/responses HTTP/1.1\r\nhost: ${host}\r\norigin: https://example.com\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    );
    const [refusal] = await once(client, 'data');
    expect(String(refusal)).toMatch(/^HTTP\/1.1 403 /);
    await vi.waitFor(async () => expect((await send('/v1/models')).status).toBe(200));
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
    [{ socketPath: 'broker.sock', port: 1 }, 'invalid_argument'],
    // An abstract socket has no folder that could protect it.
    [{ socketPath: '\0broker' }, 'invalid_argument'],
  ])('the options %o', async (options, code) => {
    const provider = defineProvider({ kind: 'no_auth', baseUrl: 'http://127.0.0.1:1/v1' });
    const auth = await loadAuth({ apiKey: 'sk-key' });
    const start = () => startBroker({ auth, provider, allow: ['GET /v1/x'], ...(options as object) });
    expect(await thrownBy(start)).toMatchObject({ code });
  });
});
