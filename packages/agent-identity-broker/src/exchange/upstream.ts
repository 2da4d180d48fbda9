import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { systemErrorCode } from 'agent-identity-core/http';
import { Refusal } from '../refusal.js';

/** A request to the provider. */
interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
  /** Called with the request before it is sent, which writes its body and ends it. */
  readonly start: (request: ClientRequest) => void;
}

/** The response of the provider, or the connection after a handshake. */
export interface UpstreamResponse {
  readonly head: IncomingMessage;
  /** The connection after `101 Switching Protocols`, and what was already received on it. */
  readonly upgraded?: { readonly socket: Duplex; readonly received: Buffer } | undefined;
}

/** Connections to one provider. */
export interface Upstream {
  /** The value of `Host`. */
  readonly host: string;
  /**
   * Sends a request. Follows no redirect, and changes neither headers nor bodies.
   *
   * @throws Refusal `upstream_unreachable`, `upstream_timeout`, or the one that the request was destroyed with
   */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  close(): void;
}

/** Creates the connections to the origin of a provider, which are kept open for further requests. */
export function createUpstream(
  origin: URL,
  { maxConnections, idleTimeoutSeconds }: { maxConnections: number; idleTimeoutSeconds: number },
): Upstream {
  const { Agent, request: createRequest } = origin.protocol === 'https:' ? https : http;
  const timeout = idleTimeoutSeconds * 1000;
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections, scheduling: 'lifo', timeout });
  const { hostname, port, host } = origin;
  const destination = { agent, hostname: hostname.replace(/^\[|\]$/g, ''), port };
  return {
    host,
    close: () => agent.destroy(),
    send: ({ method, target, headers, start }) =>
      new Promise((resolve, reject) => {
        // Node takes a flat list of names and values; its types do not know that.
        const options = { ...destination, method, path: target, headers: headers as never };
        const request = createRequest(options);
        request.on('error', (error) => reject(error instanceof Refusal ? error : unreachable(error)));
        request.on('timeout', () => request.destroy(silent()));
        const answered = (response: UpstreamResponse) => {
          request.off('close', closed);
          resolve(response);
        };
        // A request that was destroyed without an error.
        const closed = () => reject(unreachable(undefined));
        request.on('response', (head) => answered({ head }));
        request.on('upgrade', (head, socket, received) => answered({ head, upgraded: { socket, received } }));
        request.on('close', closed);
        start(request);
      }),
  };
}

function silent(): Refusal {
  return new Refusal('upstream_timeout', 'The provider did not answer in time.');
}

function unreachable(error: unknown): Refusal {
  const code = systemErrorCode(error) ?? 'connection closed';
  return new Refusal('upstream_unreachable', `The provider could not be reached: ${code}.`);
}
