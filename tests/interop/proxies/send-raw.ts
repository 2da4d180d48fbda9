import { once } from 'node:events';
import { type IncomingMessage, request as sendRequest } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Sends a request without normalizing its path. */
export async function sendRaw(
  url: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
  body = '',
  path = `${new URL(url).pathname}${new URL(url).search}`,
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const request = sendRequest({ hostname, port, path, method, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}
