import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';

/** What a server lets clients do. */
export interface HttpServerLimits {
  readonly connections: number;
  readonly headersTimeoutSeconds: number;
  readonly requestTimeoutSeconds: number;
  readonly keepAliveSeconds: number;
}

/** A request and the answer to it. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

type Answer = (request: Request, env: unknown) => Promise<Response>;

const maxHeaderBytes = 16 * 1024;

/**
 * A Node server that gives its requests to a `fetch`, bounded in connections, header bytes and times: a client that is
 * slow or silent is told 408 in the JSON form, and its connection is closed.
 */
export function httpServer(answer: Answer, limits: HttpServerLimits): Server {
  const headersTimeout = limits.headersTimeoutSeconds * 1000;
  const requestTimeout = limits.requestTimeoutSeconds * 1000;
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      // Node wants the whole request to have as long as its headers, at least.
      headersTimeout: Math.min(headersTimeout, requestTimeout),
      requestTimeout,
      keepAliveTimeout: limits.keepAliveSeconds * 1000,
      connectionsCheckingInterval: Math.min(1000, headersTimeout / 2),
      requireHostHeader: true,
    },
    getRequestListener(answer, {
      overrideGlobalObjects: false,
      errorHandler: () => errorAnswer(400, 'invalid_request', 'The request could not be read.'),
    }),
  );
  server.maxConnections = limits.connections;
  server.maxRequestsPerSocket = 10_000;
  // Nothing here streams: whoever takes this long to read an answer does not want it.
  server.setTimeout(requestTimeout + 10_000);
  const latest = new WeakMap<Duplex, Exchange>();
  server.on('request', (incoming, outgoing) => latest.set(incoming.socket, { incoming, outgoing }));
  server.on('clientError', (error, socket) => refuseConnection(error, socket, latest.get(socket)));
  return server;
}

/**
 * Listens, and gives the address as a URL.
 *
 * @throws the error of Node, such as `EADDRINUSE`
 */
export function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: 511 }, () => {
      server.off('error', reject);
      const { address, family, port: bound } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`);
    });
  });
}

const refusals: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The request took too long.'],
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', `Headers have ${maxHeaderBytes} bytes at most.`],
};

/**
 * What Node could not read as a request: answered in the form of all errors, and the connection ends. If it is the rest of
 * a request that has its answer already, a second one could be taken for that of the next request: it ends without.
 */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex, latest: Exchange | undefined): void {
  const isAnswered = latest !== undefined && !latest.incoming.complete && latest.outgoing.headersSent;
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswered) {
    socket.destroy();
    return;
  }
  const [status, code, message] = refusals[error.code ?? ''] ?? [
    400,
    'invalid_request',
    'The request could not be read.',
  ];
  const body = JSON.stringify({ error: { code, message } });
  socket.end(
    `HTTP/1.1 ${status} ${statusTexts[status]}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n` +
      `Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // Whoever does not close its side is not waited for.
  socket.once('finish', () => socket.destroy());
}

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function errorAnswer(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status, headers: { 'cache-control': 'no-store' } });
}
