import { coreError } from '../errors.js';
import { untilAborted } from './until-aborted.js';

/** A response body as other `fetch` implementations give it: a Node stream (node-fetch), or none (React Native). */
type ForeignBody = AsyncIterable<unknown> & { readonly destroy?: () => void };

/**
 * Reads a response body as UTF-8 text, and no more than `maxBytes` of it. The rest is cancelled unread.
 *
 * Works with web streams, with the Node streams of node-fetch, and with a `fetch` that has no streams, where the whole
 * body is in memory before it can be measured.
 *
 * @throws AgentIdentityError `response_too_large`, unless `truncate` is given; the reason of `signal` if it aborts
 * @example
 * ```ts
 * import { readBoundedText } from 'agent-identity-core/http';
 *
 * const text = await readBoundedText(new Response('{"task_id":"task-1"}'), 65_536);
 * ```
 */
export async function readBoundedText(
  response: Response,
  maxBytes: number,
  {
    truncate = false,
    signal,
  }: { readonly truncate?: boolean | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let remaining = maxBytes;
  for await (const chunk of readChunks(response, signal)) {
    // Negated so that a NaN limit rejects everything.
    if (!(chunk.length <= remaining)) {
      if (truncate) return text + decoder.decode(chunk.subarray(0, remaining));
      throw coreError('response_too_large', `the response body is over ${maxBytes} bytes`);
    }
    remaining -= chunk.length;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

async function* readChunks(response: Response, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const body = response.body as Response['body'] | ForeignBody | undefined;
  if (body === null) return;
  if (body === undefined) {
    // React Native has no body member; `text()` is all there is.
    yield new TextEncoder().encode(await untilAborted(response.text(), signal));
  } else if ('getReader' in body) {
    yield* readWebStream(body, signal);
  } else {
    yield* readNodeStream(body, signal);
  }
}

async function* readWebStream(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await untilAborted(reader.read(), signal);
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: for a cloned response it would wait until the other half is cancelled too.
    if (!isDone) reader.cancel().catch(() => {});
  }
}

async function* readNodeStream(
  body: ForeignBody,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const next = await untilAborted(iterator.next(), signal);
      isDone = next.done === true;
      if (isDone) return;
      yield typeof next.value === 'string' ? new TextEncoder().encode(next.value) : toBytes(next.value);
    }
  } finally {
    if (!isDone) body.destroy?.();
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw coreError('invalid_argument', 'fetch: expected response bodies of bytes');
}

/**
 * Discards the rest of a response body, so that the connection can be used again or closed. Never throws.
 *
 * @example
 * ```ts
 * import { cancelBody } from 'agent-identity-core/http';
 *
 * cancelBody(new Response('not needed'));
 * ```
 */
export function cancelBody(response: Response): void {
  const body = response.body as Response['body'] | ForeignBody | undefined;
  if (body === null || body === undefined) return;
  if (!('getReader' in body)) body.destroy?.();
  else if (!body.locked) body.cancel().catch(() => {});
}
