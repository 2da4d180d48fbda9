import type { Clock } from 'agent-identity-core';
import {
  type ClientIdentification,
  type HttpEffects,
  identificationHeaders,
  invalidArgument,
  type RuntimeEffects,
  requireBaseUrl,
  requireKnownOptions,
  requireSeconds,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import type { MaybePromise } from '../agent-directory.js';
import { createFailureReporter } from '../create-failure-reporter.js';
import { requireCount, requireListener, type VerificationError } from '../errors.js';

/** Options for `remoteDirectory`. */
export interface RemoteDirectoryOptions extends SecureUrlOptions, ClientIdentification {
  /** The base URL of the authority, `https:`, or `http:` to loopback. `/v1/directory/…` is appended. */
  readonly baseUrl: string | URL;
  /** **Secret.** The bearer token of this service at the authority, or a function that returns it for each request. */
  readonly accessToken: string | (() => MaybePromise<string>);
  /**
   * The maximum time an entry is cached, in seconds from 0 to 86,400, counted from the start of its request. Default: 5.
   * `max-age` can shorten it. This is how late a revocation may take effect.
   */
  readonly maxCacheSeconds?: number | undefined;
  /** The same for "not found", which a registration changes. Default: 1. */
  readonly maxNegativeCacheSeconds?: number | undefined;
  /**
   * How much longer, in seconds from 0 to 86,400, a cached entry is used during an outage of the authority: no connection,
   * no response in time, 429 or 5xx. Default: 0. **Revocations have no effect during that time.**
   */
  readonly staleIfErrorSeconds?: number | undefined;
  /** How many runtimes are cached, how many tasks, and how many instances. Default: 10,000 each. */
  readonly maxCachedEntries?: number | undefined;
  /**
   * Whether to follow the authority's stream of changes (`GET /v1/directory/changes`) instead of asking again and again. Default:
   * false. What was fetched once then stays good for up to an hour, a change takes effect within 500 ms, and within 5 s if the
   * stream fails. It needs a connection that stays open: call `close` at the end.
   */
  readonly follow?: boolean | undefined;
  /** Time limit of a request, in seconds, including the connection and the body. Default: 3. */
  readonly timeoutSeconds?: number | undefined;
  /**
   * Called for each request to the authority that failed, also if a cached entry is used instead. Exceptions are ignored.
   * Default: a process warning, the same one at most once a minute, where the runtime has process warnings (Node, Deno,
   * Bun). Elsewhere, give a listener.
   */
  readonly onFailure?: ((failure: VerificationError) => void) | undefined;
}

/** Overrides for ambient dependencies of a remote directory. */
export type RemoteDirectoryEffects = Pick<HttpEffects, 'fetch' | 'monotonicClock' | 'sleep' | 'random'>;

/** How long entries are cached, and how many. */
export interface CacheLimits {
  readonly maxCacheSeconds: number;
  readonly maxNegativeCacheSeconds: number;
  readonly staleIfErrorSeconds: number;
  readonly maxCachedEntries: number;
}

/** {@link RemoteDirectoryOptions} and effects, checked and with defaults. */
export interface RemoteDirectorySettings {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly accessToken: () => MaybePromise<string>;
  /** `User-Agent` and `originator`. */
  readonly identification: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly limits: CacheLimits;
  readonly follow: boolean;
  readonly fetch: typeof globalThis.fetch;
  readonly monotonicClock: Clock;
  readonly sleep: RuntimeEffects['sleep'];
  readonly random: RuntimeEffects['random'];
  readonly report: (failure: VerificationError) => void;
}

const optionNames = [
  'baseUrl',
  'accessToken',
  'maxCacheSeconds',
  'maxNegativeCacheSeconds',
  'staleIfErrorSeconds',
  'maxCachedEntries',
  'follow',
  'timeoutSeconds',
  'onFailure',
  'allowPlainHttpHosts',
  'userAgent',
  'originator',
];

/** @throws AgentIdentityError `insecure_url`, `invalid_base_url`, `invalid_argument` */
export function resolveRemoteDirectoryOptions(
  options: RemoteDirectoryOptions,
  effects: RemoteDirectoryEffects,
): RemoteDirectorySettings {
  requireKnownOptions(options, optionNames, 'options');
  requireKnownOptions(effects, ['fetch', 'monotonicClock', 'sleep', 'random'], 'effects');
  const { accessToken, follow = false, timeoutSeconds = 3, onFailure } = options;
  const { allowPlainHttpHosts, userAgent, originator } = options;
  requireSeconds(timeoutSeconds, 'timeoutSeconds', { min: 0.001, max: 3600 });
  if (typeof accessToken !== 'function' && !isAccessToken(accessToken)) {
    throw invalidArgument('accessToken', 'a bearer token, or a function that returns one', accessToken);
  }
  if (typeof follow !== 'boolean') throw invalidArgument('follow', 'a boolean', follow);
  requireListener(onFailure, 'onFailure');
  const { fetch, monotonicClock, sleep, random } = resolveEffects(effects);
  return {
    baseUrl: requireBaseUrl(options.baseUrl, 'directory base URL', { allowPlainHttpHosts }),
    accessToken: typeof accessToken === 'function' ? accessToken : () => accessToken,
    identification: identificationHeaders({ userAgent, originator }),
    timeoutSeconds,
    limits: resolveCacheLimits(options),
    follow,
    fetch,
    monotonicClock,
    sleep,
    random,
    report: createFailureReporter(onFailure, ({ message }) => message, monotonicClock),
  };
}

/** The form of RFC 6750 section 2.1. `fetch` would quote any other header value in its error. */
export function isAccessToken(token: unknown): token is string {
  return typeof token === 'string' && /^[\w\-.~+/]+=*$/.test(token);
}

function resolveCacheLimits({
  maxCacheSeconds = 5,
  maxNegativeCacheSeconds = 1,
  staleIfErrorSeconds = 0,
  maxCachedEntries = 10_000,
}: RemoteDirectoryOptions): CacheLimits {
  const limits = { maxCacheSeconds, maxNegativeCacheSeconds, staleIfErrorSeconds };
  for (const [name, seconds] of Object.entries(limits)) requireSeconds(seconds, name, { max: 86_400 });
  requireCount(maxCachedEntries, 'maxCachedEntries', 1);
  return { ...limits, maxCachedEntries };
}
