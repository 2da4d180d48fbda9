import type { Clock } from 'agent-identity-core';
import {
  type HttpEffects,
  invalidArgument,
  requireKnownOptions,
  requireSeconds,
  resolveEffects,
} from 'agent-identity-core/http';
import type { Provider, SessionAuth } from 'provider-auth';
import { createAccessToken, requireAccessToken } from './access/access-token.js';
import type { BrokerLogEntry } from './broker-log-entry.js';

/** Options for `startBroker`. */
export interface StartBrokerOptions {
  /** The credentials of the run, from `loadAuth` of provider-auth. They do not leave this process except to the provider. */
  readonly auth: SessionAuth;
  /** The one provider that requests go to, from `defineProvider` of provider-auth. */
  readonly provider: Provider;
  /**
   * What clients may request: a method and a path, such as `POST /v1/responses`. A segment `*` stands for any one segment;
   * the method `WEBSOCKET` stands for WebSocket handshakes. Everything else is refused with 403.
   */
  readonly allow: readonly string[];
  /** The loopback address to listen on: `127.0.0.1` (default) or `::1`. */
  readonly host?: '127.0.0.1' | '::1' | undefined;
  /** The port to listen on. Default: 0, a free one. */
  readonly port?: number | undefined;
  /**
   * The path of a Unix socket to listen on instead. Its folder must be closed to other users (mode 0700): then clients need no
   * access token, unless you give one.
   */
  readonly socketPath?: string | undefined;
  /**
   * **Secret.** What clients must send, as the API key that an SDK sends anyway; 32 or more visible ASCII characters. Default: a
   * random one, in `accessToken` of the broker.
   */
  readonly accessToken?: string | undefined;
  /** The longest request body, in bytes. Default: 67,108,864. */
  readonly maxRequestBytes?: number | undefined;
  /** The longest response body, in bytes. Default: no limit. */
  readonly maxResponseBytes?: number | undefined;
  /** How many bytes of request bodies are kept for a retry, over all requests. Default: 67,108,864. Longer ones are not retried. */
  readonly maxKeptBytes?: number | undefined;
  /** How many connections clients may have, and how many the broker has to the provider. Default: 256. */
  readonly maxConnections?: number | undefined;
  /** After how many seconds of silence a connection to the provider is given up. Default: 600. */
  readonly idleTimeoutSeconds?: number | undefined;
  /** Receives an entry after each request, without secrets. Exceptions are ignored. Default: none. */
  readonly onRequest?: ((entry: BrokerLogEntry) => void) | undefined;
}

/** Overrides for ambient dependencies of a broker. */
export type StartBrokerEffects = Pick<HttpEffects, 'monotonicClock'>;

/** {@link StartBrokerOptions} and effects, checked and with defaults. */
export interface BrokerSettings {
  readonly auth: SessionAuth;
  readonly provider: Provider;
  readonly allow: readonly string[];
  readonly listenOn: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Undefined: the permissions of the socket protect the broker. */
  readonly accessToken: string | undefined;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  readonly maxKeptBytes: number;
  readonly maxConnections: number;
  readonly idleTimeoutSeconds: number;
  readonly onRequest: (entry: BrokerLogEntry) => void;
  readonly monotonicClock: Clock;
}

const optionNames = [
  'auth',
  'provider',
  'allow',
  'host',
  'port',
  'socketPath',
  'accessToken',
  'maxRequestBytes',
  'maxResponseBytes',
  'maxKeptBytes',
  'maxConnections',
  'idleTimeoutSeconds',
  'onRequest',
] as const satisfies readonly (keyof StartBrokerOptions)[];

/** @throws AgentIdentityError `invalid_argument` */
export function resolveBrokerOptions(
  options: StartBrokerOptions,
  effects: StartBrokerEffects,
): BrokerSettings {
  requireKnownOptions(options, optionNames, 'options');
  requireKnownOptions(effects, ['monotonicClock'], 'effects');
  const { auth, allow, provider, accessToken, socketPath, idleTimeoutSeconds = 600, onRequest } = options;
  requireSeconds(idleTimeoutSeconds, 'idleTimeoutSeconds', { min: 1, max: 86_400 });
  if (onRequest !== undefined && typeof onRequest !== 'function') {
    throw invalidArgument('onRequest', 'a function', onRequest);
  }
  return {
    auth,
    allow,
    provider,
    listenOn: resolveAddress(options),
    accessToken: resolveAccessToken(accessToken, socketPath),
    maxRequestBytes: requireSize(options.maxRequestBytes, 'maxRequestBytes', 67_108_864),
    maxResponseBytes: requireSize(options.maxResponseBytes, 'maxResponseBytes', Number.POSITIVE_INFINITY),
    maxKeptBytes: requireSize(options.maxKeptBytes, 'maxKeptBytes', 67_108_864),
    maxConnections: requireSize(options.maxConnections, 'maxConnections', 256),
    idleTimeoutSeconds,
    onRequest: onRequest ?? (() => {}),
    monotonicClock: resolveEffects(effects).monotonicClock,
  };
}

function resolveAddress({
  host = '127.0.0.1',
  port,
  socketPath,
}: StartBrokerOptions): BrokerSettings['listenOn'] {
  if (host !== '127.0.0.1' && host !== '::1') throw invalidArgument('host', '127.0.0.1 or ::1', host);
  if (socketPath === undefined) return { host, port: requireInteger(port ?? 0, 'port', 0, 65_535) };
  if (port !== undefined) throw invalidArgument('port', 'none beside socketPath', port);
  // A name that begins with NUL is an abstract socket, which everybody on the machine can reach.
  if (typeof socketPath !== 'string' || socketPath === '' || socketPath.includes('\0')) {
    throw invalidArgument('socketPath', 'the path of a Unix socket', socketPath);
  }
  return { path: socketPath };
}

function resolveAccessToken(
  accessToken: string | undefined,
  socketPath: string | undefined,
): string | undefined {
  if (accessToken !== undefined) return requireAccessToken(accessToken);
  return socketPath === undefined ? createAccessToken() : undefined;
}

function requireSize(size: number | undefined, name: string, byDefault: number): number {
  return size === undefined ? byDefault : requireInteger(size, name, 1, Number.MAX_SAFE_INTEGER);
}

function requireInteger(value: number, name: string, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw invalidArgument(name, `an integer from ${min} to ${max}`, value);
}
