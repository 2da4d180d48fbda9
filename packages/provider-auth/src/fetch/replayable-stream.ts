import { startTimer } from 'agent-identity-core/http';

/** A chunk of the body, or its end. */
type Part = { readonly done: true } | { readonly done: false; readonly chunk: unknown };

/**
 * A stream that can be sent again as long as it is small: chunks are kept while they are sent, up to a limit. A second
 * attempt reads the kept chunks and continues with the source where the first one stopped, so a body that was refused
 * halfway is not read to its end needlessly.
 */
export class ReplayableStream {
  readonly isStream = true;
  readonly #source: ReadableStreamDefaultReader<unknown>;
  #maxBytes: number;
  /** The chunks from number `#firstKept` on. Earlier ones were sent and are not needed again. */
  #kept: unknown[] = [];
  #firstKept = 0;
  #readBytes = 0;
  #pulling: Promise<boolean> | undefined;
  #attempt = 0;
  /** How many chunks the latest attempt has sent. */
  #sent = 0;
  /** Why the latest attempt was cancelled, if it was. */
  #cancelled: { readonly reason: unknown } | undefined;
  #isFinished = false;

  /** @throws TypeError for a locked stream */
  constructor(source: ReadableStream<unknown>, maxBytes: number) {
    this.#source = source.getReader();
    this.#maxBytes = maxBytes;
  }

  /** Whether everything that was read so far is kept. */
  get canReplay(): boolean {
    return this.#readBytes <= this.#maxBytes;
  }

  /** Forgets chunks once they are sent. There is no second attempt. */
  disableReplay(): void {
    this.#maxBytes = -1;
  }

  /**
   * Reads ahead while the source has data available.
   *
   * @returns the whole body; `undefined` if the source needs time, or if the body is over the limit
   */
  async readBuffered(): Promise<Uint8Array | undefined> {
    while (this.canReplay) {
      const hasMore = await Promise.race([this.#pull(), nextTick()]);
      if (hasMore === undefined) return undefined;
      if (!hasMore) return new Uint8Array(await new Blob(this.#kept as Uint8Array[]).arrayBuffer());
    }
    return undefined;
  }

  /** Returns the body for the next attempt. An earlier attempt that still reads is ended. */
  open(): ReadableStream<unknown> {
    this.#attempt += 1;
    this.#sent = 0;
    this.#cancelled = undefined;
    const attempt = this.#attempt;
    return new ReadableStream<unknown>(
      {
        pull: (controller) => this.#send(attempt, controller),
        cancel: (reason) => {
          if (attempt !== this.#attempt) return;
          this.#cancelled = { reason };
          if (this.#isFinished) this.#cancelSource(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** No attempt follows: forgets what was sent, and cancels the source if the last attempt was cancelled. */
  finish(): void {
    this.#isFinished = true;
    this.#forgetSent();
    if (this.#cancelled !== undefined) this.#cancelSource(this.#cancelled.reason);
  }

  /** No attempt follows, and the request failed: cancels the source. Never throws. */
  cancel(reason: unknown): void {
    this.#cancelled ??= { reason };
    this.finish();
  }

  /**
   * Waits a tick first. `Readable.toWeb` of Node 20 to 24 ends the process with an uncaught `ERR_INVALID_STATE` if its
   * stream is cancelled between a read and the event that delivers the data.
   */
  async #cancelSource(reason: unknown): Promise<void> {
    await nextTick();
    await this.#source.cancel(reason).catch(() => {});
  }

  async #send(attempt: number, controller: ReadableStreamDefaultController<unknown>): Promise<void> {
    const next = await this.#next();
    if (attempt !== this.#attempt) {
      controller.error(new DOMException('the request was sent again', 'AbortError'));
    } else if (next.done) {
      controller.close();
    } else {
      this.#sent += 1;
      this.#forgetSent();
      controller.enqueue(next.chunk);
    }
  }

  async #next(): Promise<Part> {
    const number = this.#sent;
    while (number >= this.#firstKept + this.#kept.length) {
      if (!(await this.#pull())) return { done: true };
    }
    return { done: false, chunk: this.#kept[number - this.#firstKept] };
  }

  /** Reads one chunk, shared by concurrent callers; false at the end of the source. */
  #pull(): Promise<boolean> {
    this.#pulling ??= this.#readSource().finally(() => {
      this.#pulling = undefined;
    });
    return this.#pulling;
  }

  async #readSource(): Promise<boolean> {
    const { done, value } = await this.#source.read();
    if (done) return false;
    const isBytes = value instanceof Uint8Array;
    this.#readBytes += isBytes ? value.byteLength : Number.POSITIVE_INFINITY;
    // Copied, because its producer may reuse the memory.
    this.#kept.push(isBytes ? value.slice() : value);
    return true;
  }

  #forgetSent(): void {
    if (this.canReplay && !this.#isFinished) return;
    this.#kept.splice(0, this.#sent - this.#firstKept);
    this.#firstKept = this.#sent;
  }
}

/** Resolves when everything that is ready to run has run. */
function nextTick(): Promise<undefined> {
  return new Promise((resolve) => {
    startTimer(0, () => resolve(undefined));
  });
}
