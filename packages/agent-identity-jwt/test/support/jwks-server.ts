import type { IncomingMessage, RequestListener } from 'node:http';
import { listenOnLoopback } from 'test-support';

export interface JwksServer {
  readonly origin: string;
  /** The URL of the key set. */
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  /** Answers all requests from now on. */
  answer: RequestListener;
}

/** Starts a server on loopback that runs until the test is over. */
export async function jwksServer(answer: RequestListener): Promise<JwksServer> {
  const requests: IncomingMessage[] = [];
  const origin = await listenOnLoopback((request, response) => {
    requests.push(request);
    jwks.answer(request, response);
  });
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
    response.end('not a key set');
  };
}
