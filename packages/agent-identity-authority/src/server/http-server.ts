import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { getRequestListener } from '@hono/node-server';

/** What a server lets clients do. */
export interface HttpServerLimits {
  readonly connections: number;
  readonly headersTimeoutSeconds: number;
  readonly requestTimeoutSeconds: number;
  readonly keepAliveSeconds: number;
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
  server.on('clientError', refuseConnection);
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

/** What Node could not read as a request. It is answered once, in the form of all errors, and the connection ends. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
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
  socket.destroySoon();
}

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function errorAnswer(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status, headers: { 'cache-control': 'no-store' } });
}
