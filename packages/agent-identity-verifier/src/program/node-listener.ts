import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers requests of Node by a handler of the Fetch standard that reads no body. */
export function toNodeListener(
  handle: (request: Request) => Promise<Response>,
): (received: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (received, response) => {
    received.resume();
    const headers = new Headers();
    const { rawHeaders } = received;
    for (let i = 0; i < rawHeaders.length; i += 2)
      headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
    const path = received.url?.startsWith('/') ? received.url : '/';
    const answer = await handle(new Request(`http://verifier${path}`, { headers }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(received.method === 'HEAD' ? undefined : await answer.text());
  };
}
