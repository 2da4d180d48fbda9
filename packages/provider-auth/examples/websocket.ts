/**
 * A WebSocket that stays open for a whole run: each handshake is signed, the first one and those of reconnects alike. The
 * connection is closed when its task is replaced, and opened again under the new one.
 *
 * With `ws`; undici's `WebSocket` takes `{ headers }` as its second argument in the same way. The `WebSocket` of browsers
 * cannot send headers: keep the connection in a server of your own.
 */
import type { IncomingMessage } from 'node:http';
import type { ProviderCredentials, ResolvedProviderAuth } from 'provider-auth';
import WebSocket from 'ws';

export interface SteadyConnection {
  /** Resolves when there is no connection any more and none will follow: it was closed, or has failed. */
  readonly done: Promise<void>;
  /** Ends it for good, also while a connection is being made. */
  close(): void;
}

interface ConnectionEvents {
  /** Gets each connection, the first and every one that takes its place. */
  onOpen(socket: WebSocket): void;
  /** Told why there is no connection any more. */
  onError(error: unknown): void;
}

export function keepConnected(
  resolved: ResolvedProviderAuth,
  url: string,
  { onOpen, onError }: ConnectionEvents,
): SteadyConnection {
  let socket: WebSocket | undefined;
  let isClosed = false;

  async function connectAgainAndAgain(): Promise<void> {
    let isWanted = true;
    while (isWanted) {
      await resolved.prepare();
      isWanted = !isClosed && (await connectOnce()) && !isClosed;
    }
  }

  /** One connection, from its handshake to its end; gives whether another is to take its place. */
  function connectOnce(): Promise<boolean> {
    const credentials = resolved.webSocketHeaders(url);
    const connection = new WebSocket(url, { headers: credentials.headers });
    socket = connection;
    const close = () => connection.close(1000, 'the task was replaced');
    return new Promise((resolve, reject) => {
      connection.on('open', () => {
        credentials.closeSignal.addEventListener('abort', close, { once: true });
        onOpen(connection);
        if (credentials.closeSignal.aborted) close();
      });
      connection.on('close', () => {
        credentials.closeSignal.removeEventListener('abort', close);
        resolve(credentials.closeSignal.aborted);
      });
      connection.on('unexpected-response', (_, answer) => {
        mayConnectAgain(credentials, answer).then(resolve, reject);
      });
      connection.on('error', (error) => (isClosed ? resolve(false) : reject(error)));
    });
  }

  return {
    done: connectAgainAndAgain().catch(onError),
    close() {
      isClosed = true;
      socket?.close();
    },
  };
}

/** Whether a handshake that was refused is worth another, with other credentials. */
async function mayConnectAgain(credentials: ProviderCredentials, answer: IncomingMessage): Promise<boolean> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const body = () => Buffer.concat(chunks).toString();
  const { statusCode: status = 0, headers } = answer;
  const next = await credentials.afterResponse({ status, date: headers.date, body });
  if (next === undefined) throw new Error(`the handshake was answered with ${status}`);
  return true;
}
