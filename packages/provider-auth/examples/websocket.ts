/**
 * A WebSocket that stays open for a whole run. Each handshake is signed, also those of reconnects. The connection closes
 * when its task is replaced, and opens again under the new task.
 *
 * This uses `ws`; undici's `WebSocket` takes `{ headers }` as its second argument in the same way. The `WebSocket` of
 * browsers cannot send headers: keep the connection in your server.
 */
import type { IncomingMessage } from 'node:http';
import type { ProviderCredentials, ResolvedProviderAuth } from 'provider-auth';
import WebSocket from 'ws';

export interface SteadyConnection {
  /** Resolves when the connection is closed or has failed, and no other one follows. */
  readonly done: Promise<void>;
  /** Closes it for good, also during a handshake. */
  close(): void;
}

interface ConnectionEvents {
  /** Called with each connection, the first one and its replacements. */
  onOpen(socket: WebSocket): void;
  /** Called with the reason if the connection fails. */
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

  /** Runs one connection from its handshake to its end. Returns whether another one must replace it. */
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
      connection.on('unexpected-response', (_, response) => {
        mayConnectAgain(credentials, response).then(resolve, reject);
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

/** Returns whether a refused handshake should be retried with other credentials. */
async function mayConnectAgain(
  credentials: ProviderCredentials,
  response: IncomingMessage,
): Promise<boolean> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const body = () => Buffer.concat(chunks).toString();
  const { statusCode: status = 0, headers } = response;
  const next = await credentials.afterResponse({ status, date: headers.date, body });
  if (next === undefined) throw new Error(`the handshake was refused with status ${status}`);
  return true;
}
