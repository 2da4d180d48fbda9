import type { Readable } from 'node:stream';
import { systemErrorCode } from 'agent-identity-core/http';
import { type Dispatcher, errors, Pool } from 'undici';
import { Refusal } from '../refusal.js';
import type { ClientPresence } from './client-presence.js';
import { UpstreamResponse } from './upstream-response.js';

/** A request to the provider. */
interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names and values by turns. */
  readonly headers: string[];
  readonly body: Readable | null;
  /** Whether the request is a WebSocket handshake. */
  readonly isHandshake: boolean;
  /** The request ends when its client leaves. */
  readonly presence: ClientPresence;
}

/** Connections to one provider. */
export interface Upstream {
  /** The value of `Host`. */
  readonly host: string;
  /**
   * Sends a request. Follows no redirect, and changes neither headers nor bodies.
   *
   * @throws Refusal `upstream_unreachable`, `upstream_timeout`, or the one that the body was destroyed with
   */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  close(): void;
}

/** Nobody sees it. */
const clientLeft = new Error('the client left');

/** Creates the connections to the origin of a provider, which are kept open for further requests. */
export function createUpstream(
  { origin, host }: URL,
  { maxConnections, idleTimeoutSeconds }: { maxConnections: number; idleTimeoutSeconds: number },
): Upstream {
  const idleTimeout = idleTimeoutSeconds * 1000;
  const pool = new Pool(origin, {
    connections: maxConnections,
    bodyTimeout: idleTimeout,
    keepAliveTimeout: Math.min(idleTimeout, 60_000),
  });
  return {
    host,
    close: () => void pool.destroy(),
    send: (request) =>
      new Promise((resolve, reject) => {
        // A handshake has no work to wait for.
        const headersTimeout = request.isHandshake ? Math.min(idleTimeout, 30_000) : idleTimeout;
        dispatch(pool, request, { resolve, reject, headersTimeout });
      }),
  };
}

interface Waiting {
  resolve(answer: UpstreamResponse): void;
  reject(error: unknown): void;
  readonly headersTimeout: number;
}

function dispatch(pool: Pool, request: UpstreamRequest, waiting: Waiting): void {
  const { resolve, reject, headersTimeout } = waiting;
  const { method, target: path, headers, body, isHandshake, presence } = request;
  let current: Dispatcher.DispatchController | undefined;
  let response: UpstreamResponse | undefined;
  presence.onceGone(() => {
    current?.abort(clientLeft);
    reject(clientLeft);
  });
  const upgrade = isHandshake ? 'websocket' : null;
  pool.dispatch(
    { method: method as Dispatcher.HttpMethod, path, headers, body, upgrade, headersTimeout },
    {
      onRequestStart(controller) {
        current = controller;
        if (presence.isGone) controller.abort(clientLeft);
      },
      onRequestUpgrade(controller, status, _headers, socket) {
        // Whoever relays the connection listens later.
        socket.on('error', () => {});
        resolve(new UpstreamResponse(controller, { status, socket }));
      },
      onResponseStart(controller, status, _headers, statusMessage) {
        // Informational responses (RFC 9110 section 15.2) come before the final one.
        if (status < 200) return;
        response = new UpstreamResponse(controller, { status, statusMessage });
        resolve(response);
      },
      onResponseData(_controller, chunk) {
        response?.receive(chunk);
      },
      onResponseEnd() {
        response?.finish(true);
      },
      onResponseError(_controller, error) {
        response?.finish(false);
        reject(error instanceof Refusal ? error : unreachable(error));
      },
    },
  );
}

function unreachable(error: unknown): Refusal {
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.ConnectTimeoutError) {
    return new Refusal('upstream_timeout', 'The provider did not answer in time.');
  }
  const code = error instanceof errors.SocketError ? 'connection closed' : systemErrorCode(error);
  return new Refusal(
    'upstream_unreachable',
    `The provider could not be reached: ${code ?? 'unknown error'}.`,
  );
}
