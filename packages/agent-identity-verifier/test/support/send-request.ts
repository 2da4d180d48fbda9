import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** A response. */
export interface Received {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Sends a request. Unlike `fetch`, it can send several headers of one name, given as a list. */
export function sendRequest(
  url: string,
  fields: Readonly<Record<string, string | readonly string[]>> = {},
  method = 'GET',
): Promise<Received> {
  const headers = ['host', new URL(url).host];
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values].flat()) headers.push(name, value);
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, async (response) => {
      const body = await text(response);
      const isJson = response.headers['content-type']?.startsWith('application/json');
      resolve({
        status: response.statusCode,
        headers: response.headers,
        body: isJson && body !== '' ? JSON.parse(body) : body,
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
