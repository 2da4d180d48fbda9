import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers requests of Node by a handler of the Fetch standard that reads no body. Never rejects. */
export function toNodeListener(
  handle: (request: Request) => Promise<Response>,
): (received: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (received, response) => {
    received.resume();
    try {
      const answer = await handle(toRequest(received));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(received.method === 'HEAD' ? undefined : await answer.text());
    } catch {
      // What Node accepts and the Fetch standard does not.
      response.writeHead(400).end();
    }
  };
}

function toRequest({ rawHeaders, url = '/' }: IncomingMessage): Request {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  return new Request(`http://verifier${url.startsWith('/') ? url : '/'}`, { headers });
}
