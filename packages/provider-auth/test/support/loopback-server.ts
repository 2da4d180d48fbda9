import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as it came over the wire. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case; a name that came twice is joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What to answer; objects are sent as JSON. Without a `date` header none is sent. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Answers a request, or writes to the response itself and returns nothing. */
export type Answer = (
  request: RecordedRequest,
  response: ServerResponse,
) => Reply | undefined | Promise<Reply | undefined>;

export interface LoopbackServer {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  readonly requests: RecordedRequest[];
}

/** Serves on a free port of loopback until the test is over. */
export async function loopbackServer(answer: Answer): Promise<LoopbackServer> {
  const requests: RecordedRequest[] = [];
  const origin = await rawServer(async (incoming, response) => {
    const request = { ...readHead(incoming), body: await readBody(incoming) };
    requests.push(request);
    const reply = await answer(request, response);
    if (reply === undefined) return;
    const { status = 200, headers = {}, body = '' } = reply;
    response.writeHead(status, {
      ...(typeof body !== 'string' && { 'content-type': 'application/json' }),
      ...headers,
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  return { origin, requests };
}

/** The same with nothing read, recorded or answered for the handler. */
export async function rawServer(
  handler: (incoming: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((incoming, response) => {
    response.sendDate = false;
    handler(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function readHead(incoming: IncomingMessage): Omit<RecordedRequest, 'body'> {
  const headers = Object.fromEntries(
    Object.entries(incoming.headersDistinct).map(([name, values]) => [name, values?.join(', ') ?? '']),
  );
  return { method: incoming.method ?? '', path: incoming.url ?? '', headers };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    // The client went away half-way.
  }
  return Buffer.concat(chunks).toString();
}
