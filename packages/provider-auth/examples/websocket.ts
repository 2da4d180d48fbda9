/**
 * A WebSocket that stays open for a whole run: each handshake is signed, the first one and those of reconnects alike. The
 * connection is closed when its task is replaced, and opened again under the new one.
 *
 * With `ws`; undici's `WebSocket` takes `{ headers }` as its second argument in the same way. The `WebSocket` of browsers
 * cannot send headers: keep the connection in a server of your own.
 */
import type { ResolvedProviderAuth } from 'provider-auth';
import WebSocket from 'ws';

export interface SteadyConnection {
  /** Ends it for good. */
  close(): void;
}

/** @param onOpen Gets each connection, the first and every one that takes its place. */
export function keepConnected(
  resolved: ResolvedProviderAuth,
  url: string,
  { onOpen, onError }: { onOpen(socket: WebSocket): void; onError(error: Error): void },
): SteadyConnection {
  let socket: WebSocket | undefined;
  let isClosed = false;

  async function connect(): Promise<void> {
    await resolved.prepare();
    const credentials = resolved.webSocketHeaders(url);
    const connection = new WebSocket(url, { headers: credentials.headers });
    socket = connection;
    const close = () => connection.close(1000, 'the task was replaced');
    connection.on('open', () => {
      credentials.closeSignal.addEventListener('abort', close, { once: true });
      onOpen(connection);
      if (credentials.closeSignal.aborted) close();
    });
    connection.on('close', () => {
      credentials.closeSignal.removeEventListener('abort', close);
      if (credentials.closeSignal.aborted && !isClosed) connect().catch(onError);
    });
    connection.on('unexpected-response', (_, answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', async () => {
        const body = () => Buffer.concat(chunks).toString();
        const { statusCode: status = 0, headers } = answer;
        const next = await credentials.afterAnswer({ status, date: headers.date, body });
        if (next === undefined) onError(new Error(`the handshake was answered with ${status}`));
        else await connect();
      });
    });
    connection.on('error', onError);
  }

  connect().catch(onError);
  return {
    close() {
      isClosed = true;
      socket?.close();
    },
  };
}
