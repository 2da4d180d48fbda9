import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Whether the client is still there. Costs less than an `AbortSignal` per request. */
export class ClientPresence {
  #isGone = false;
  #onceGone: (() => void) | undefined;

  /** @param socket that of a handshake */
  constructor(response: ServerResponse, socket: Duplex | undefined) {
    response.once('close', () => {
      if (!response.writableFinished) this.#leave();
    });
    for (const event of ['end', 'close']) socket?.once(event, () => this.#leave());
  }

  /** Whether the client left before its response was complete. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Calls back when the client leaves, or now if it is gone. Replaces the callback of the attempt before. */
  onceGone(callback: () => void): void {
    this.#onceGone = callback;
    if (this.#isGone) callback();
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#onceGone?.();
  }
}
