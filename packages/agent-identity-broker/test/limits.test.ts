import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { type AddressInfo, connect, createServer as createRawServer } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker } from 'agent-identity-broker';
import { defineProvider, loadAuth } from 'provider-auth';
import { deferred } from 'test-support';
import { expect, it, onTestFinished } from 'vitest';
import { KeptBytes } from '../dist/exchange/kept-bytes.js';
import { RequestBody } from '../dist/exchange/request-body.js';
import { post, refusalOf } from './support/requests.js';
import { startScene } from './support/start-scene.js';

const chunk = Buffer.alloc(65_536);
/** More than all buffers between two processes hold. */
const chunks = 1024;

interface Sink {
  write(chunk: Buffer): boolean;
  once(event: 'drain', listener: () => void): unknown;
}

/** Writes as fast as the sink takes it; resolves to how many chunks were written when it takes no more. */
async function writeUntilStalled(sink: Sink): Promise<number> {
  for (let written = 1; written <= chunks; written += 1) {
    if (sink.write(chunk)) continue;
    const drained = new Promise<boolean>((resolve) => sink.once('drain', () => resolve(true)));
    if (!(await Promise.race([drained, sleep(1000, false)]))) return written;
  }
  return chunks;
}

it('a broker reads an upload only as fast as the service does', async () => {
  const mayRead = deferred();
  const { broker } = await startScene(
    async (request, response) => {
      await mayRead.promise;
      let bytes = 0;
      for await (const part of request) bytes += part.length;
      response.end(String(bytes));
    },
    { maxKeptBytes: 1, maxRequestBytes: Number.MAX_SAFE_INTEGER },
  );
  const headers = { authorization: `Bearer ${broker.accessToken}` };
  const request = sendRequest(`${broker.baseUrl}/responses`, { method: 'POST', headers });
  const written = await writeUntilStalled(request);
  expect(written).toBeLessThan(chunks);
  mayRead.resolve();
  request.end();
  const [response] = await once(request, 'response');
  expect(Buffer.concat(await response.toArray()).toString()).toBe(String(written * chunk.length));
});

it('a broker reads a download only as fast as the client does', async () => {
  const stalled = deferred<number>();
  const { broker } = await startScene(async (_request, response) => {
    stalled.resolve(await writeUntilStalled(response));
    response.end();
  });
  const headers = { authorization: `Bearer ${broker.accessToken}` };
  const request = sendRequest(`${broker.baseUrl}/responses`, { method: 'POST', headers }).end();
  const [response] = await once(request, 'response');
  const written = await stalled.promise;
  expect(written).toBeLessThan(chunks);
  let bytes = 0;
  for await (const part of response) bytes += part.length;
  expect(bytes).toBe(written * chunk.length);
});

it('a broker does not send a body again that it could not keep', async () => {
  const { send, authority, agentRuntimeId, log } = await startScene(
    async (request, response, { taskId }) => {
      await request.toArray();
      response.end(taskId);
    },
    { maxKeptBytes: 5 },
  );
  const taskId = await (await send('/v1/responses', post('12345'))).text();
  await authority.revokeAgentTask({ agentRuntimeId, taskId });
  expect((await send('/v1/responses', post('123456'))).status).toBe(401);
  expect((await send('/v1/responses', post('12345'))).status).toBe(200);
  expect(log.map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
});

it('a body of tiny chunks takes memory of about its length', () => {
  const headers = { 'transfer-encoding': 'chunked' };
  const source = Object.assign(new Readable({ read() {} }), { headers });
  const keptBytes = new KeptBytes(10_000_000);
  const body = new RequestBody(source as IncomingMessage, { maxRequestBytes: 10_000_000, keptBytes });
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < 2_000_000; i += 1) source.emit('data', Buffer.from('a'));
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(60_000_000);
  expect([body.canReplay, body.receivedBytes]).toEqual([true, 2_000_000]);
  source.emit('end');
  expect(body.open()?.read()).toEqual(Buffer.alloc(2_000_000, 'a'));
});

it('a broker refuses a response that is too long, or cuts it off', async () => {
  const { send } = await startScene(
    (request, response) => {
      if (request.url === '/v1/models') response.setHeader('content-length', 11);
      response.write('12345');
      response.end('678901');
    },
    { maxResponseBytes: 10 },
  );
  expect(await refusalOf(await send('/v1/models'))).toBe('502 response_too_large');
  await expect(send('/v1/responses', post('{}')).then((response) => response.text())).rejects.toThrow();
});

it('a broker gives up a service that is silent', async () => {
  const { send } = await startScene(() => {}, { idleTimeoutSeconds: 1 });
  expect(await refusalOf(await send('/v1/models'))).toBe('504 upstream_timeout');
});

it('a broker answers for a service that does not speak HTTP', async () => {
  const service = createRawServer((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 099 Odd\r\ncontent-length: 0\r\n\r\n')),
  ).listen(0, '127.0.0.1');
  await once(service, 'listening');
  onTestFinished(() => void service.close());
  const { port } = service.address() as AddressInfo;
  const provider = defineProvider({ kind: 'no_auth', baseUrl: `http://127.0.0.1:${port}` });
  const broker = await startBroker({
    auth: await loadAuth({ apiKey: 'sk-key' }),
    provider,
    allow: ['GET /x'],
  });
  onTestFinished(() => broker.close());
  const headers = { authorization: `Bearer ${broker.accessToken}` };
  expect(await refusalOf(await fetch(`${broker.baseUrl}/x`, { headers }))).toBe('502 upstream_unreachable');
});

it('a broker closes connections above its limit', async () => {
  const { broker } = await startScene(undefined, { maxConnections: 1 });
  const { port } = new URL(broker.baseUrl ?? '');
  const first = connect(Number(port), '127.0.0.1');
  onTestFinished(() => void first.destroy());
  await once(first, 'connect');
  const second = connect(Number(port), '127.0.0.1');
  await once(second, 'close');
  expect(first.destroyed).toBe(false);
});
