import type { OutgoingRequest } from './outgoing-request.js';
import { ReplayableStream } from './replayable-stream.js';

/** Bodies up to 8 MiB are kept for a retry. A larger stream or buffer is sent once, and its response is final. */
const maxKeptBytes = 8 * 1024 * 1024;

/** A request body that is sent once or more. */
export interface RequestBody {
  /** Returns the body of the next attempt, as `init.body`; `undefined` for none. */
  open(): unknown;
  /** Whether `open` can return the same body again. */
  readonly canReplay: boolean;
  /** Whether `fetch` needs `duplex: 'half'`. */
  readonly isStream: boolean;
  /** Keeps no stream for another attempt. */
  disableReplay(): void;
  /** No attempt follows the last one. */
  finish(): void;
  /** No attempt follows, and the request failed: cancels a stream that was not read to its end. Never throws. */
  cancel(reason: unknown): void;
}

/**
 * Opens the body of a request. Reads buffers at once: a buffer up to 8 MiB is copied, because its memory may be reused
 * before it is sent. Streams up to 8 MiB are kept while they are sent. The stream of a `Request` whose content is
 * available at once is sent with its length, like `fetch` does it.
 *
 * @throws TypeError for a stream that is locked or was read from
 */
export async function openRequestBody(
  { body, requestBody }: OutgoingRequest,
  { isRuntimeFetch }: { readonly isRuntimeFetch: boolean },
): Promise<RequestBody> {
  const given = body ?? requestBody;
  if (!isStream(given)) return openFixedBody(given);
  // The runtime's fetch takes web streams and async iterables. Another one may take its own kind of streams only.
  const isReplayable = 'getReader' in given || (isRuntimeFetch && Symbol.asyncIterator in given);
  if (!isReplayable) return openSingleUseBody(given);
  const stream = new ReplayableStream(toWebStream(given), maxKeptBytes);
  const bytes = requestBody === undefined ? undefined : await stream.readBuffered();
  return bytes === undefined ? stream : openFixedBody(bytes);
}

/** A body without a source. Strings and blobs cannot change; forms and `URLSearchParams` must not until the response. */
function openFixedBody(body: unknown): RequestBody {
  const isLarge = isBuffer(body) && body.byteLength > maxKeptBytes;
  const sent = isBuffer(body) && !isLarge ? copyOf(body) : body;
  return {
    open: () => sent,
    canReplay: !isLarge,
    isStream: false,
    disableReplay() {},
    finish() {},
    cancel() {},
  };
}

/** A stream that is passed on as it is. */
function openSingleUseBody(body: object): RequestBody {
  let isOpened = false;
  return {
    open() {
      isOpened = true;
      return body;
    },
    canReplay: false,
    isStream: true,
    disableReplay() {},
    finish() {},
    cancel() {
      // Without a reason: an error event without a listener would end the process.
      const destroy: unknown = Reflect.get(body, 'destroy');
      if (!isOpened && typeof destroy === 'function') destroy.call(body);
    },
  };
}

function isBuffer(body: unknown): body is ArrayBuffer | ArrayBufferView {
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}

function copyOf(buffer: ArrayBuffer | ArrayBufferView): ArrayBuffer | Uint8Array {
  if (buffer instanceof ArrayBuffer) return buffer.slice();
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).slice();
}

/** A web stream, an async iterable or a Node stream. Blobs and forms are none of them. */
function isStream(body: unknown): body is object {
  if (typeof body !== 'object' || body === null) return false;
  return 'getReader' in body || Symbol.asyncIterator in body || 'pipe' in body;
}

/** `Response` checks a stream like `fetch` does, and converts an async iterable. */
function toWebStream(body: object): ReadableStream<unknown> {
  return new Response(body as ReadableStream).body as ReadableStream<unknown>;
}
