import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { rateLimitKey } from 'agent-identity-authority-core';
import { startTimer } from 'agent-identity-core/http';

/** What a server allows its clients. */
export interface HttpServerLimits {
  readonly connections: number;
  /** Of one address, by the key of `rateLimitKey`. */
  readonly connectionsPerAddress: number;
  /** Addresses without a limit of their own: many clients connect through them. */
  readonly isProxy: (address: string) => boolean;
  readonly headersTimeoutSeconds: number;
  readonly requestTimeoutSeconds: number;
  readonly keepAliveSeconds: number;
}

/** A request and its response. */
interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

type Handle = (request: Request, env: unknown) => Promise<Response>;

const maxHeaderBytes = 16 * 1024;

/**
 * Creates a Node server that passes its requests to a `fetch`. Connections, header bytes and times are limited: a slow or
 * silent client gets a 408 in the JSON form, and its connection is closed.
 */
export function createHttpServer(handle: Handle, limits: HttpServerLimits): Server {
  const headersTimeout = limits.headersTimeoutSeconds * 1000;
  const requestTimeout = limits.requestTimeoutSeconds * 1000;
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      // Node requires that the limit of the headers is not above that of the whole request.
      headersTimeout: Math.min(headersTimeout, requestTimeout),
      requestTimeout,
      keepAliveTimeout: limits.keepAliveSeconds * 1000,
      connectionsCheckingInterval: Math.min(1000, headersTimeout / 2),
      requireHostHeader: true,
    },
    refuseTwoHosts(
      getRequestListener(handle, {
        overrideGlobalObjects: false,
        errorHandler: () => createErrorResponse(400, 'invalid_request', unreadable),
      }),
    ),
  );
  server.maxConnections = limits.connections;
  // The header bytes are limited. Node would silently drop headers above a count, such as the line that a proxy appends.
  server.maxHeadersCount = 0;
  server.on('connection', createConnectionLimit(limits));
  server.maxRequestsPerSocket = 10_000;
  const latest = new WeakMap<Duplex, Exchange>();
  // A client that takes this long to send a request or to read a response is gone: the stream of changes says something each
  // second. Only the server's own work on a complete request may take longer.
  server.setTimeout(requestTimeout + 10_000, (socket) => {
    if (!isWorkingOn(latest.get(socket))) socket.destroy();
  });
  server.on('request', (incoming, outgoing) => latest.set(incoming.socket, { incoming, outgoing }));
  server.on('clientError', (error, socket) => refuseConnection(error, socket, latest.get(socket)));
  return server;
}

/**
 * Starts listening, and returns the address as a URL.
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

/** Refuses new connections, lets running requests finish, and closes all connections after the time limit. */
export async function closeGracefully(server: Server, timeoutSeconds: number): Promise<void> {
  const cancelTimer = startTimer(timeoutSeconds * 1000, () => server.closeAllConnections());
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
  });
  cancelTimer();
}

/** Closes connections of an address that has its share, so that one address cannot take all connections. */
function createConnectionLimit({
  connectionsPerAddress,
  isProxy,
}: HttpServerLimits): (socket: Socket) => void {
  const open = new Map<string, number>();
  return (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined || isProxy(remoteAddress)) return;
    const key = rateLimitKey(remoteAddress);
    const count = (open.get(key) ?? 0) + 1;
    if (count > connectionsPerAddress) {
      socket.destroy();
      return;
    }
    open.set(key, count);
    socket.once('close', () => {
      const left = (open.get(key) ?? 1) - 1;
      if (left === 0) open.delete(key);
      else open.set(key, left);
    });
  };
}

/** Refuses a request with two `Host` headers, of which Node takes the first (RFC 9112 section 3.2). */
function refuseTwoHosts(listener: RequestListener): RequestListener {
  return (incoming, outgoing) => {
    const names = incoming.rawHeaders.filter((_, index) => index % 2 === 0);
    if (names.filter((name) => name.toLowerCase() === 'host').length <= 1)
      return listener(incoming, outgoing);
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', connection: 'close' };
    outgoing
      .writeHead(400, headers)
      .end(JSON.stringify({ error: { code: 'invalid_request', message: unreadable } }));
  };
}

/** Whether the request is complete and its response has not begun. */
function isWorkingOn(exchange: Exchange | undefined): boolean {
  return exchange?.incoming.complete === true && !exchange.outgoing.headersSent;
}

const unreadable = 'The request could not be read.';

const refusals: Readonly<Record<string, readonly [number, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request_timeout', 'The request took too long.'],
  HPE_HEADER_OVERFLOW: [431, 'headers_too_large', `Headers are limited to ${maxHeaderBytes} bytes.`],
};

/**
 * Responds to bytes that Node cannot parse as a request, and closes the connection. If they are the rest of a request that
 * has its response already, a second response could be taken for that of the next request, so there is none. If they
 * follow a complete request that is still being handled, its response goes out first.
 */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex, latest: Exchange | undefined): void {
  const hasResponse = latest !== undefined && !latest.incoming.complete && latest.outgoing.headersSent;
  if (error.code === 'ECONNRESET' || !socket.writable || hasResponse) {
    socket.destroy();
    return;
  }
  if (latest?.incoming.complete && !latest.outgoing.writableFinished) {
    latest.outgoing.once('finish', () => writeRefusal(error, socket));
    return;
  }
  writeRefusal(error, socket);
}

function writeRefusal(error: NodeJS.ErrnoException, socket: Duplex): void {
  const [status, code, message] = refusals[error.code ?? ''] ?? [400, 'invalid_request', unreadable];
  const body = JSON.stringify({ error: { code, message } });
  socket.end(
    `HTTP/1.1 ${status} ${statusTexts[status]}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n` +
      `Connection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  // Does not wait for clients that never close their side.
  socket.once('finish', () => socket.destroy());
}

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function createErrorResponse(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status, headers: { 'cache-control': 'no-store' } });
}
