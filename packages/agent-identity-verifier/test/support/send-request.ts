import { type IncomingHttpHeaders, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What came back. */
export interface Received {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Sends a GET request; unlike `fetch`, with several headers of one name where a list is given. */
export function sendRequest(
  url: string,
  fields: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<Received> {
  const headers = ['host', new URL(url).host];
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values].flat()) headers.push(name, value);
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, agent: false }, async (response) => {
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
