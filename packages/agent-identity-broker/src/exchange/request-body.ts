import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Refusal } from '../refusal.js';
import type { KeptBytes } from './kept-bytes.js';

/** Smaller parts of a kept body are joined. */
const minPartBytes = 4096;

/** Limits of a request body. */
export interface RequestBodyLimits {
  readonly maxRequestBytes: number;
  readonly keptBytes: KeptBytes;
}

/**
 * The body of a client's request, streamed to one attempt after the other. It is kept in memory for a retry while that fits
 * into the limit over all requests. The client is read only as fast as the provider reads.
 */
export class RequestBody {
  /** Its length in bytes, as the client stated it. */
  readonly length: string | undefined;
  readonly #source: IncomingMessage;
  readonly #limits: RequestBodyLimits;
  #attempt: Readable | undefined;
  readonly #isEmpty: boolean;
  #kept: Buffer[] | undefined = [];
  #keptBytes = 0;
  #receivedBytes = 0;
  #hasEnded = false;

  /** @throws Refusal `request_too_large`, `unsupported_transfer_coding` */
  constructor(source: IncomingMessage, limits: RequestBodyLimits) {
    this.#source = source;
    this.#limits = limits;
    const { 'content-length': length, 'transfer-encoding': coding } = source.headers;
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
      throw new Refusal('unsupported_transfer_coding', 'Transfer-Encoding: expected chunked.');
    }
    if (Number(length ?? 0) > limits.maxRequestBytes) throw tooLarge(limits);
    this.length = length;
    this.#isEmpty = coding === undefined && Number(length ?? 0) === 0;
    this.#hasEnded = this.#isEmpty;
    if (!this.#isEmpty) this.#listen();
  }

  /** Whether the whole body, as far as it was received, can be sent again. */
  get canReplay(): boolean {
    return this.#kept !== undefined;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Returns the body from its beginning, for one attempt; `null` for none. Requires `canReplay` after the first. */
  open(): Readable | null {
    if (this.#isEmpty) return null;
    const attempt = new Readable({ read: () => this.#resume(attempt) });
    this.#attempt = attempt;
    for (const chunk of this.#kept ?? []) attempt.push(chunk);
    if (this.#hasEnded) attempt.push(null);
    return attempt;
  }

  /** Reads no more until the next attempt. */
  pause(): void {
    this.#attempt = undefined;
    if (!this.#hasEnded) this.#source.pause();
  }

  /** The provider answered without reading all: reads the rest, so that the client's connection can be used again. */
  drain(): void {
    this.forget();
    this.pause();
    if (!this.#hasEnded) this.#source.resume();
  }

  /** No attempt follows: forgets what was kept. */
  forget(): void {
    this.#limits.keptBytes.release(this.#keptBytes);
    this.#keptBytes = 0;
    this.#kept = undefined;
  }

  #listen(): void {
    this.#source.pause();
    this.#source.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#source.on('end', () => {
      this.#hasEnded = true;
      this.#attempt?.push(null);
    });
    this.#source.on('error', () => {});
    this.#source.on('close', () => {
      if (!this.#hasEnded) this.#attempt?.destroy();
    });
  }

  #receive(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#limits.maxRequestBytes) {
      if (this.#attempt === undefined) this.#source.destroy();
      this.#source.pause();
      this.#attempt?.destroy(tooLarge(this.#limits));
      return;
    }
    this.#keep(chunk);
    if (this.#attempt?.push(chunk) === false) this.#source.pause();
  }

  #keep(chunk: Buffer): void {
    if (this.#kept === undefined) return;
    if (!this.#limits.keptBytes.take(chunk.length)) {
      this.forget();
      return;
    }
    this.#keptBytes += chunk.length;
    const last = this.#kept.at(-1);
    // Each part of its own takes some 100 bytes more, so that tiny chunks would exceed the limit many times over.
    if (last !== undefined && last.length + chunk.length <= minPartBytes) {
      this.#kept[this.#kept.length - 1] = Buffer.concat([last, chunk]);
    } else {
      this.#kept.push(chunk);
    }
  }

  #resume(attempt: Readable): void {
    if (attempt === this.#attempt && !this.#hasEnded) this.#source.resume();
  }
}

function tooLarge({ maxRequestBytes }: RequestBodyLimits): Refusal {
  return new Refusal('request_too_large', `The body is limited to ${maxRequestBytes} bytes.`);
}
