import { setTimeout } from 'node:timers/promises';
import { deferred } from 'test-support';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { closeGracefully, createHttpServer, listen } from '../../dist/server/http-server.js';
import { rawConnection } from '../support/raw-connection.js';
import { startServer } from '../support/start-server.js';

const quick = { headersTimeoutSeconds: 1, requestTimeoutSeconds: 1, keepAliveSeconds: 1 };

/** The status and the JSON body of a raw response. */
function read(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: JSON.parse(body) };
}

describe('slow clients', () => {
  it('get 408 and are closed if their headers do not arrive, all 300 of them, while others are served', async () => {
    const { port, url } = await startServer({ limits: quick });
    const slow = Array.from({ length: 300 }, () => rawConnection(port));
    for (const { send } of slow) send('GET /agent-identities/jwks HTTP/1.1\r\nHost: authority\r\nX-Slow: ');
    const dripping = slow.map(({ socket, send }) => {
      const timer = setInterval(() => send('x'), 100);
      socket.once('close', () => clearInterval(timer));
      return timer;
    });
    expect(dripping).toHaveLength(300);
    expect((await fetch(`${url}/agent-identities/jwks`)).status).toBe(200);
    for (const answer of await Promise.all(slow.map(({ closed }) => closed))) {
      expect(read(answer)).toMatchObject({ status: 408, body: { error: { code: 'request_timeout' } } });
    }
    expect((await fetch(`${url}/agent-identities/jwks`)).status).toBe(200);
  });

  it('get 408 and are closed if their body does not arrive', async () => {
    const { port } = await startServer({ limits: quick });
    const { send, closed } = rawConnection(port);
    send(
      'POST /v1/agent/agent-1/task/register HTTP/1.1\r\nHost: authority\r\nContent-Length: 100\r\n\r\n{"time',
    );
    expect(await closed).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('are closed if they send nothing, or nothing more', async () => {
    const { port } = await startServer({ limits: quick });
    const silent = rawConnection(port);
    const idle = rawConnection(port);
    idle.send('GET /agent-identities/jwks HTTP/1.1\r\nHost: authority\r\n\r\n');
    expect(await idle.closed).toMatch(/^HTTP\/1\.1 200 /);
    await silent.closed;
  });
});

describe('clients that send too much', () => {
  it('get 431 for headers over 16 KiB', async () => {
    const { port } = await startServer();
    const { send, closed } = rawConnection(port);
    send(`GET / HTTP/1.1\r\nHost: authority\r\nX-Long: ${'x'.repeat(20_000)}`);
    expect(read(await closed)).toMatchObject({ status: 431, body: { error: { code: 'headers_too_large' } } });
  });

  it('get 413 for a body that is declared too long, before it arrives', async () => {
    const { port } = await startServer();
    const { send, received } = rawConnection(port);
    send(
      'POST /v1/agent/agent-1/task/register HTTP/1.1\r\nHost: authority\r\nContent-Length: 1000000000\r\n\r\n',
    );
    expect(await received(/request_too_large/)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('get 413 for an endless body, which is not read further', async () => {
    const { port, url } = await startServer();
    const { socket, send, received, closed } = rawConnection(port);
    send(
      'POST /v1/agent/agent-1/task/register HTTP/1.1\r\nHost: authority\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    const timer = setInterval(() => send(`2000\r\n${'x'.repeat(0x2000)}\r\n`), 1);
    socket.once('close', () => clearInterval(timer));
    expect(await received(/request_too_large/)).toMatch(/^HTTP\/1\.1 413 /);
    await closed;
    expect((await fetch(`${url}/agent-identities/jwks`)).status).toBe(200);
  });

  it('get at most the configured number of connections', async () => {
    const { port, url } = await startServer({ limits: { connections: 3 } });
    const held = [1, 2, 3].map(() => rawConnection(port));
    const request = 'GET /agent-identities/jwks HTTP/1.1\r\nHost: authority\r\n';
    for (const { send, received } of held) {
      send(`${request}\r\n`);
      await received(/HTTP\/1\.1 200 /);
    }
    const oneTooMany = rawConnection(port);
    oneTooMany.send(`${request}\r\n`);
    expect(await oneTooMany.closed).toBe('');
    for (const { socket, closed } of held) {
      socket.destroy();
      await closed;
    }
    await expect
      .poll(async () => (await fetch(`${url}/agent-identities/jwks`).catch(() => undefined))?.status)
      .toBe(200);
  });

  it('of one address get their share, and other addresses and trusted proxies are still served', async () => {
    const limits = { connections: 10, connectionsPerAddress: 2 };
    const open = (port: number, localAddress?: string) => {
      const connection = rawConnection(port, localAddress);
      connection.send('GET /agent-identities/jwks HTTP/1.1\r\nHost: authority\r\n\r\n');
      return connection;
    };
    const { port } = await startServer({ limits });
    const held = [open(port), open(port)];
    for (const { received } of held) await received(/HTTP\/1\.1 200 /);
    expect(await open(port).closed).toBe('');
    await open(port, '127.0.0.2').received(/HTTP\/1\.1 200 /);
    for (const { socket, closed } of held) {
      socket.destroy();
      await closed;
    }
    await expect
      .poll(() => Promise.race([open(port).received(/200 OK/), open(port).closed]))
      .toContain('HTTP/1.1 200 OK');

    const { port: proxied } = await startServer({ limits, trustedProxies: ['127.0.0.1'] });
    for (const { received } of [1, 2, 3].map(() => open(proxied))) await received(/HTTP\/1\.1 200 /);
  });
});

describe('bytes that are not a request', () => {
  let port = 0;
  beforeAll(async () => {
    ({ port } = await startServer({}, afterAll));
  });

  it.each([
    ['nonsense', 'hunter2\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hunter2'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['an unknown method', 'HUNTER2 / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n'],
    [
      'a chunk without a size',
      'POST /v1/agent/register HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nhunter2\r\n',
    ],
    ['a header without a name', 'GET / HTTP/1.1\r\nHost: a\r\n: hunter2\r\n\r\n'],
    ['a NUL in a header', 'GET / HTTP/1.1\r\nHost: a\r\nX: hun\0ter2\r\n\r\n'],
  ])('get 400 and end the connection: %s', async (_what, sent) => {
    const { send, closed } = rawConnection(port);
    send(sent);
    const answer = await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).not.toMatch(/hunter2|HUNTER2| at |node_modules/);
  });

  it('get no second response if they are the rest of a request that had one', async () => {
    const { send, received, closed } = rawConnection(port);
    send('POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    await received(/^HTTP\/1\.1 404 /);
    send('hunter2\r\n\r\n');
    expect((await closed).match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it.each([
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['an invalid host', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n', 400],
    ['an invalid path', 'GET //[ HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    [
      'an absolute path',
      'GET http://elsewhere.example/agent-identities/jwks HTTP/1.1\r\nHost: a\r\n\r\n',
      200,
    ],
  ])('are handled as HTTP requires: %s', async (_what, sent, status) => {
    const { send, received } = rawConnection(port);
    send(sent);
    await received(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('get 400 for two Host headers', async () => {
    const { send, received } = rawConnection(port);
    send('GET /agent-identities/jwks HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n');
    expect(await received(/could not be read/)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

it('the line that a trusted proxy appends to X-Forwarded-For counts, whatever the client sends before it', async () => {
  const limits = { addressRequestsPerMinute: 2 };
  const { port } = await startServer({ limits, trustedProxies: ['127.0.0.1'] });
  const statuses = [];
  for (const forged of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) {
    const { send, closed } = rawConnection(port);
    const padding = 'a:b\r\n'.repeat(1100);
    send(
      `GET /agent-identities/jwks HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: ${forged}\r\n${padding}X-Forwarded-For: 198.51.100.7\r\n\r\n`,
    );
    statuses.push(Number((await closed).slice(9, 12)));
  }
  expect(statuses).toEqual([200, 200, 429]);
});

describe('a request whose handling takes long', () => {
  const limits = {
    ...{ connections: 10, connectionsPerAddress: 10, isProxy: () => false },
    ...{ headersTimeoutSeconds: 1, requestTimeoutSeconds: 1, keepAliveSeconds: 1 },
  };

  /** A server whose handler waits until `answer` is called. */
  async function startSlowServer() {
    const { promise, resolve: answer } = deferred<Response>();
    const arrived = deferred<void>();
    const server = createHttpServer(() => {
      arrived.resolve();
      return promise;
    }, limits);
    // The idle limit of connections, shortened for the test.
    server.timeout = 100;
    const port = Number(new URL(await listen(server, '127.0.0.1', 0)).port);
    onTestFinished(() => closeGracefully(server, 0));
    return { port, answer, arrived: arrived.promise };
  }

  const complete = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}';

  it('is not cut by the limit of idle connections', async () => {
    const { port, answer, arrived } = await startSlowServer();
    const { send, received } = rawConnection(port);
    send(complete);
    await arrived;
    await setTimeout(1000);
    answer(new Response('late'));
    expect(await received(/late$/)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('gets its response before the refusal of what was sent behind it', async () => {
    const { port, answer, arrived } = await startSlowServer();
    const { send, closed } = rawConnection(port);
    send(`${complete}hunter2\r\n\r\n`);
    await arrived;
    await setTimeout(50);
    answer(new Response('answer'));
    const statuses = (await closed).match(/HTTP\/1\.1 \d+/g);
    expect(statuses?.[0]).toBe('HTTP/1.1 200');
    expect(statuses?.slice(1)).toEqual(['HTTP/1.1 400']);
  });
});
