import type { Duplex } from 'node:stream';

/** A client that sends more before its handshake is answered is cut off. */
const maxEarlyBytes = 64 * 1024;

/** The client's side of a handshake. It is read from the beginning, so that its end is seen while the provider is asked. */
export class ClientSocket {
  readonly socket: Duplex;
  #early: Buffer[];
  #earlyBytes = 0;

  /** @param received what came with the handshake */
  constructor(socket: Duplex, received: Buffer) {
    this.socket = socket;
    this.#early = [received];
    socket.on('data', this.#keep);
  }

  /** Returns what the client has sent so far, and leaves the rest to the caller, who must read on at once. */
  takeEarly(): Buffer {
    this.socket.off('data', this.#keep);
    return Buffer.concat(this.#early);
  }

  readonly #keep = (chunk: Buffer): void => {
    this.#early.push(chunk);
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes > maxEarlyBytes) this.socket.destroy();
  };
}
