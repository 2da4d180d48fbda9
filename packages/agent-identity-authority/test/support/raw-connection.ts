import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawConnection {
  readonly socket: Socket;
  send(text: string): void;
  /** Everything received, once the other side has closed. */
  readonly closed: Promise<string>;
  /** Resolves when the received text matches. */
  received(pattern: RegExp): Promise<string>;
}

/** Opens a TCP connection that sends arbitrary text, until the test is over. */
export function rawConnection(port: number, localAddress = '127.0.0.1'): RawConnection {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  let text = '';
  const listeners = new Set<() => void>();
  socket.on('data', (chunk) => {
    text += chunk;
    for (const listener of listeners) listener();
  });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  return {
    socket,
    send: (sent) => void socket.write(sent),
    closed: new Promise((resolve) => socket.once('close', () => resolve(text))),
    received: (pattern) =>
      new Promise((resolve) => {
        const look = () => {
          if (!pattern.test(text)) return;
          listeners.delete(look);
          resolve(text);
        };
        listeners.add(look);
        look();
      }),
  };
}
