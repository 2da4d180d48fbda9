import type { AddressInfo } from 'node:net';
import { serve as serveWithNode } from '@hono/node-server';

/** A handler of web-standard requests, such as a Hono app or an authority. */
export interface RequestHandler {
  fetch(request: Request): Response | Promise<Response>;
}

/** A server on a loopback port. */
export interface RunningServer {
  /** `http://127.0.0.1:…`, without a trailing slash. */
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves on loopback. Port 0 picks a free port. */
export function serve(handler: RequestHandler, port = 0): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const server = serveWithNode(
      { fetch: (request) => handler.fetch(request), hostname: '127.0.0.1', port },
      (info: AddressInfo) => resolve({ origin: `http://127.0.0.1:${info.port}`, close }),
    );
    server.once('error', reject);
    const close = () => new Promise<void>((done) => server.close(() => done()));
  });
}
