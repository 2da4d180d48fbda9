import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface JwksServer {
  readonly origin: string;
  /** Where the key set is. */
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  /** Answers from now on. */
  answer: RequestListener;
}

/** A server on loopback for the length of one test. */
export async function jwksServer(answer: RequestListener): Promise<JwksServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    jwks.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const jwks: JwksServer = { origin, url: `${origin}/jwks`, requests, answer };
  return jwks;
}

/** Answers 200 with these keys. */
export function keysAnswer(keys: readonly unknown[], headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ keys }));
  };
}

export function statusAnswer(status: number, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end('nothing to see');
  };
}
