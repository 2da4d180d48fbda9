import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { detectAssertionGeneration } from 'agent-identity-core';
import { listenOnLoopback } from 'test-support';

/** A request that reached the service. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** Whether an agent signed it. */
  readonly isSigned: boolean;
}

/** Starts a service that records its requests. */
export async function startService(
  answer: (seen: SeenRequest, response: ServerResponse) => void = (_seen, response) => response.end('hello'),
) {
  const seen: SeenRequest[] = [];
  const origin = await listenOnLoopback(
    createServer(async (request, response) => {
      const one: SeenRequest = {
        method: `${request.method}`,
        url: `${request.url}`,
        headers: request.headers,
        body: await text(request),
        isSigned: detectAssertionGeneration(request.headers.authorization) === 1,
      };
      seen.push(one);
      answer(one, response);
    }),
  );
  return { origin, seen };
}
