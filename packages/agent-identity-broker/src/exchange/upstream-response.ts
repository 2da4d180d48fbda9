import type { Duplex } from 'node:stream';
import { startTimer } from 'agent-identity-core/http';
import type { Dispatcher } from 'undici';

/** What comes before a body has a reader stays in memory up to here; then the provider has to wait. */
const maxUnreadBytes = 64 * 1024;

/** Takes the body of a response. */
export interface BodyReader {
  /** Takes a part. Calls `pause` if it wants no more for now. */
  data(chunk: Buffer): void;
  /** The body is over, or was cut off. */
  end(isWhole: boolean): void;
}

/** A response of the provider as it comes, or the connection after a handshake. */
export class UpstreamResponse {
  readonly status: number;
  readonly statusMessage: string;
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[];
  /** The connection after `101 Switching Protocols`. */
  readonly socket: Duplex | undefined;
  readonly #controller: Dispatcher.DispatchController;
  #reader: BodyReader | undefined;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #isWhole: boolean | undefined;
  #whenChanged: (() => void) | undefined;

  constructor(
    controller: Dispatcher.DispatchController,
    {
      status,
      statusMessage = '',
      socket,
    }: { status: number; statusMessage?: string | undefined; socket?: Duplex },
  ) {
    this.status = status;
    // Undici reads it as UTF-8, and Node sends no character above U+00FF.
    this.statusMessage = /^[\t -~]*$/.test(statusMessage) ? statusMessage : '';
    this.rawHeaders = (controller.rawHeaders as readonly Buffer[]).map((bytes) => bytes.toString('latin1'));
    this.socket = socket;
    this.#controller = controller;
  }

  /** The first header of this name, which is in lower case. */
  header(name: string): string | undefined {
    const { rawHeaders } = this;
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const given = rawHeaders[i] as string;
      if (given.length === name.length && given.toLowerCase() === name) return rawHeaders[i + 1];
    }
    return undefined;
  }

  receive(chunk: Buffer): void {
    if (this.#reader !== undefined) {
      this.#reader.data(chunk);
      return;
    }
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#unreadBytes > maxUnreadBytes) this.pause();
    this.#whenChanged?.();
  }

  finish(isWhole: boolean): void {
    if (this.#isWhole !== undefined) return;
    this.#isWhole = isWhole;
    this.#reader?.end(isWhole);
    this.#whenChanged?.();
  }

  /** Waits for a body that is short. A reader gets it all the same. @returns `undefined` if it is long, slow or cut off */
  async readAhead(timeoutSeconds: number): Promise<Buffer | undefined> {
    await new Promise<void>((resolve) => {
      const cancelTimer = startTimer(timeoutSeconds * 1000, resolve);
      this.#whenChanged = () => {
        if (this.#isWhole === undefined && this.#unreadBytes <= maxUnreadBytes) return;
        cancelTimer();
        resolve();
      };
      this.#whenChanged();
    });
    this.#whenChanged = undefined;
    return this.#isWhole ? Buffer.concat(this.#unread) : undefined;
  }

  /** Hands the body to a reader, from its beginning. */
  readBy(reader: BodyReader): void {
    this.#reader = reader;
    for (const chunk of this.#unread) reader.data(chunk);
    this.#unread = [];
    if (this.#isWhole !== undefined) reader.end(this.#isWhole);
    else if (this.#unreadBytes > maxUnreadBytes) this.resume();
  }

  pause(): void {
    this.#controller.pause();
  }

  resume(): void {
    this.#controller.resume();
  }

  /** Reads no more; the connection ends if the body is not whole. */
  destroy(): void {
    this.socket?.destroy();
    if (this.#isWhole === undefined) this.#controller.abort(new Error('the response is not needed'));
  }
}
