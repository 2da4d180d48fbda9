/** A chunk of the body, or its end. */
type Part = { readonly done: true } | { readonly done: false; readonly chunk: unknown };

/**
 * A request body that can be read only once, made readable again as long as it is small: chunks are kept as they are
 * sent, until they are more than the bound. An attempt that comes after another reads what was kept and goes on with
 * the source where that one had stopped, so a body that was refused half-way is not read to its end for nothing.
 */
export class StreamedBody {
  readonly #source: ReadableStreamDefaultReader<unknown>;
  #maxBytes: number;
  /** From number `#firstKept` on; those before were sent and are not needed again. */
  #kept: unknown[] = [];
  #firstKept = 0;
  #readBytes = 0;
  #pulling: Promise<boolean> | undefined;
  #attempt = 0;
  /** How many chunks the latest attempt has had. */
  #sent = 0;
  /** What the latest attempt gave up with, if it did. */
  #givenUp: { readonly reason: unknown } | undefined;
  #isFinished = false;

  /** @throws TypeError for a stream that is locked */
  constructor(source: ReadableStream<unknown>, maxBytes: number) {
    this.#source = source.getReader();
    this.#maxBytes = maxBytes;
  }

  /** Whether all that was read so far is still here. */
  get canRepeat(): boolean {
    return this.#readBytes <= this.#maxBytes;
  }

  /** From now on chunks are forgotten when they are sent, and there is no second attempt. */
  keepNothing(): void {
    this.#maxBytes = -1;
  }

  /**
   * Reads ahead while the source has everything at hand.
   *
   * @param patience Resolves when the source has had time enough to answer without waiting for anything.
   * @returns the whole body; `undefined` if it is still to come, or over the bound
   */
  async readAtHand(patience: () => Promise<void>): Promise<Uint8Array | undefined> {
    while (this.canRepeat) {
      const more = await Promise.race([this.#pull(), patience()]);
      if (more === undefined) return undefined;
      if (!more) return new Uint8Array(await new Blob(this.#kept as Uint8Array[]).arrayBuffer());
    }
    return undefined;
  }

  /** The body for another attempt; what an earlier one still reads is cut off. */
  open(): ReadableStream<unknown> {
    this.#attempt += 1;
    this.#sent = 0;
    this.#givenUp = undefined;
    const attempt = this.#attempt;
    return new ReadableStream<unknown>(
      {
        pull: (controller) => this.#send(attempt, controller),
        cancel: async (reason) => {
          if (attempt === this.#attempt) await this.#giveUp(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** No attempt will follow: nothing is kept that was sent, and a source that nobody reads is cancelled. */
  async finish(): Promise<void> {
    this.#isFinished = true;
    this.#forgetSent();
    if (this.#givenUp !== undefined) await this.#source.cancel(this.#givenUp.reason);
  }

  async #giveUp(reason: unknown): Promise<void> {
    this.#givenUp = { reason };
    if (this.#isFinished) await this.#source.cancel(reason);
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

  /** Reads on, once at a time, whoever asks; false at the end of the source. */
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
    // A copy, as whoever made the chunk may use its memory again.
    this.#kept.push(isBytes ? value.slice() : value);
    return true;
  }

  #forgetSent(): void {
    if (this.canRepeat && !this.#isFinished) return;
    this.#kept.splice(0, this.#sent - this.#firstKept);
    this.#firstKept = this.#sent;
  }
}
