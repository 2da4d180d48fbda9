import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as it came over the wire. */
interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case; a name that came twice is joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer to write, or what to do with the connection instead. Without a `date` header none is sent. */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      /** Objects are sent as JSON. */
      readonly body?: unknown;
    }
  | ((response: ServerResponse, request: IncomingMessage) => void);

export interface AuthapiServer {
  /** `http://127.0.0.1:…/api/accounts` */
  readonly baseUrl: string;
  readonly requests: readonly RecordedRequest[];
  /** Resolves when the request of this number, from 1, has come. */
  requested(count: number): Promise<void>;
}

/** Serves one reply per request, the last one again and again, until the test is over. */
export async function authapiServer(...replies: readonly Reply[]): Promise<AuthapiServer> {
  const requests: RecordedRequest[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const headers = Object.fromEntries(
      Object.entries(request.headersDistinct).map(([name, values]) => [name, values?.join(', ') ?? '']),
    );
    requests.push({ method: request.method ?? '', path: request.url ?? '', headers, body });
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    answer(replies[Math.min(requests.length, replies.length) - 1] ?? {}, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/api/accounts`,
    requests,
    requested: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve();
        waiting.push({ count, resolve });
      }),
  };
}

function answer(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  response.sendDate = false;
  if (typeof reply === 'function') {
    reply(response, request);
    return;
  }
  const { status = 200, headers = {}, body = '' } = reply;
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
