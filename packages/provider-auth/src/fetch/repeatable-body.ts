import { nextTurn } from '../runtime-effects.js';
import { StreamedBody } from './streamed-body.js';

/**
 * The largest body that is kept for a repeat, where one has to be kept: 8 MiB. A stream or buffer beyond it is sent
 * once, and the answer to it is taken as it comes.
 */
const maxKeptBytes = 8 * 1024 * 1024;

/** A request body that is sent once or more. */
export interface RepeatableBody {
  /** The body of the next attempt, as `init.body`; `undefined` for none. */
  open(): unknown;
  /** Whether `open` can give the same body again. */
  readonly canRepeat: boolean;
  /** Whether `fetch` wants to be told `duplex: 'half'`. */
  readonly isStream: boolean;
  /** No attempt will follow. */
  finish(): Promise<void>;
}

/**
 * The body as it is at this moment: a buffer is copied up to 8 MiB, as its memory is often used again before all is
 * sent. Strings and blobs cannot change; forms and `URLSearchParams` must not.
 */
export function snapshotOf(body: unknown): unknown {
  if (ArrayBuffer.isView(body) && body.byteLength <= maxKeptBytes) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  }
  return body instanceof ArrayBuffer && body.byteLength <= maxKeptBytes ? body.slice() : body;
}

/**
 * Makes a body ready to be sent more than once. Streams are kept while they are sent, up to 8 MiB.
 *
 * @param body What `snapshotOf` gave; null and undefined mean none.
 * @throws TypeError for a stream that is locked or was read from
 */
export function repeatableBody(body: unknown): RepeatableBody {
  if (isStream(body)) return streamedBody(new StreamedBody(readableOf(body), maxKeptBytes));
  return fixedBody(body ?? undefined, isLargeBuffer(body) ? 'once' : 'repeatable');
}

/**
 * The same for the body of a `Request`, which is a stream whatever it was made of. If it is all there already, it is
 * sent with its length, as `fetch` would.
 *
 * @param mayRepeat False where nothing but a redirect may ask for it again: then no more is kept than that.
 * @throws TypeError for a body that was used
 */
export async function repeatableRequestBody(
  body: ReadableStream<unknown>,
  mayRepeat: boolean,
): Promise<RepeatableBody> {
  const streamed = new StreamedBody(readableOf(body), maxKeptBytes);
  const bytes = await streamed.readAtHand(nextTurn);
  if (bytes !== undefined) return fixedBody(bytes, 'repeatable');
  if (!mayRepeat) streamed.keepNothing();
  return streamedBody(streamed);
}

/** A body that is handed on as it came, for requests that nothing but a redirect may ask for again. */
export function unkeptBody(body: unknown): RepeatableBody {
  return isStream(body) ? { ...fixedBody(body, 'once'), isStream: true } : repeatableBody(body);
}

function streamedBody(streamed: StreamedBody): RepeatableBody {
  return {
    open: () => streamed.open(),
    get canRepeat() {
      return streamed.canRepeat;
    },
    isStream: true,
    finish: () => streamed.finish(),
  };
}

/** One that `snapshotOf` did not copy. */
function isLargeBuffer(body: unknown): boolean {
  return (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) && body.byteLength > maxKeptBytes;
}

function fixedBody(body: unknown, times: 'once' | 'repeatable'): RepeatableBody {
  return { open: () => body, canRepeat: times === 'repeatable', isStream: false, finish: async () => {} };
}

/** A `ReadableStream`, or an async iterable, which Node's `fetch` takes as one. Blobs and forms are neither. */
function isStream(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return body instanceof ReadableStream || Symbol.asyncIterator in body;
}

/** `Response` checks the stream as `fetch` would, and makes one of an async iterable. */
function readableOf(body: unknown): ReadableStream<unknown> {
  return new Response(body as ReadableStream).body as ReadableStream<unknown>;
}
