import type { ClientRequest, IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.js';
import type { KeptBytes } from './kept-bytes.js';

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
  /** `Content-Length` or `Transfer-Encoding` for the provider, names and values by turns. */
  readonly framing: readonly string[];
  readonly #source: IncomingMessage;
  readonly #limits: RequestBodyLimits;
  #sink: ClientRequest | undefined;
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
    if (coding !== undefined) this.framing = ['Transfer-Encoding', 'chunked'];
    else this.framing = length === undefined ? [] : ['Content-Length', length];
    this.#hasEnded = coding === undefined && (length === undefined || length === '0');
    if (!this.#hasEnded) this.#listen();
  }

  /** Whether the whole body, as far as it was received, can be sent again. */
  get canReplay(): boolean {
    return this.#kept !== undefined;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Sends the body from its beginning to another attempt. Requires `canReplay` after the first. */
  sendTo(sink: ClientRequest): void {
    this.#sink = sink;
    for (const chunk of this.#kept ?? []) sink.write(chunk);
    sink.on('drain', () => this.#resume(sink));
    if (this.#hasEnded) sink.end();
    else this.#resume(sink);
  }

  /** Reads no more until the next attempt. */
  pause(): void {
    this.#sink = undefined;
    if (!this.#hasEnded) this.#source.pause();
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
      this.#sink?.end();
    });
    this.#source.on('error', () => {});
    this.#source.on('close', () => {
      if (!this.#hasEnded) this.#sink?.destroy();
    });
  }

  #receive(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#limits.maxRequestBytes) {
      this.#source.pause();
      this.#sink?.destroy(tooLarge(this.#limits));
      return;
    }
    this.#keep(chunk);
    if (this.#sink?.write(chunk) === false) this.#source.pause();
  }

  #keep(chunk: Buffer): void {
    if (this.#kept === undefined) return;
    if (!this.#limits.keptBytes.take(chunk.length)) {
      this.forget();
      return;
    }
    this.#keptBytes += chunk.length;
    this.#kept.push(chunk);
  }

  #resume(sink: ClientRequest): void {
    if (sink === this.#sink && !this.#hasEnded && !sink.writableNeedDrain) this.#source.resume();
  }
}

function tooLarge({ maxRequestBytes }: RequestBodyLimits): Refusal {
  return new Refusal('request_too_large', `The body is limited to ${maxRequestBytes} bytes.`);
}
