import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback } from './listen-on-loopback.js';

/** A request as it arrived. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** Names are in lower case; values of a repeated name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A response to send; objects are sent as JSON. There is no `date` header unless it is given here. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Returns the reply, or writes to the response itself and returns nothing. */
export type Answer = (
  request: RecordedRequest,
  response: ServerResponse,
) => Reply | undefined | Promise<Reply | undefined>;

export interface LoopbackServer {
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  readonly requests: readonly RecordedRequest[];
  /** Resolves when this many requests have arrived. */
  requested(count: number): Promise<void>;
}

/** Serves on a free port of loopback until the test is over, and records what arrives. */
export async function loopbackServer(answer: Answer): Promise<LoopbackServer> {
  const requests: RecordedRequest[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const origin = await listenOnLoopback(async (incoming, response) => {
    const request = { ...readHead(incoming), body: await readBody(incoming) };
    requests.push(request);
    for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    response.sendDate = false;
    const reply = await answer(request, response);
    if (reply !== undefined) send(reply, response);
  });
  return {
    origin,
    requests,
    requested: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

function send({ status = 200, headers = {}, body = '' }: Reply, response: ServerResponse): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { ...(!isText && { 'content-type': 'application/json' }), ...headers });
  response.end(isText ? body : JSON.stringify(body));
}

/** Reads method, path and headers of a request. */
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
    // The client closed the connection half-way.
  }
  return Buffer.concat(chunks).toString();
}
