import {
  type ClientIdentification,
  type HttpEffects,
  identificationHeaders,
  readClock,
  requireKnownOptions,
  requireSeconds,
  requireSecureUrl,
  resolveEffects,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import { jwtError } from '../errors.js';
import { fetchJwks } from './fetch-jwks.js';
import type { JwksSource } from './jwks-source.js';
import { type CacheLimits, KeySetCache } from './key-set-cache.js';
import { requireKey } from './local-jwks.js';

/** Options for {@link remoteJwks}. */
export interface RemoteJwksOptions extends SecureUrlOptions, ClientIdentification {
  /** Limit of one fetch, including the body and redirects, in seconds. Default: 10 (docs/protocol.md section 6). */
  readonly timeoutSeconds?: number | undefined;
  /** The shortest time that a set is cached, whatever `Cache-Control` says, in seconds. Default: 60. */
  readonly minCacheSeconds?: number | undefined;
  /** The longest time that a set is cached, and with it a withdrawn key, in seconds. Default: 3600. */
  readonly maxCacheSeconds?: number | undefined;
  /** How long an expired set is used while fetching fails, in seconds. Default: 3600; 0 for never. */
  readonly staleIfErrorSeconds?: number | undefined;
  /** The shortest time between two fetches for unknown key ids, in seconds. Default: 30. */
  readonly cooldownSeconds?: number | undefined;
}

/** Overrides for ambient dependencies of {@link remoteJwks}. */
export type RemoteJwksEffects = Pick<HttpEffects, 'fetch' | 'monotonicClock'>;

const optionNames = [
  'timeoutSeconds',
  'minCacheSeconds',
  'maxCacheSeconds',
  'staleIfErrorSeconds',
  'cooldownSeconds',
  'allowPlainHttpHosts',
  'userAgent',
  'originator',
] as const;

/** A month. A longer time is a wrong unit, and more than a timer can hold. */
const maxSeconds = 2_147_483;

/**
 * Creates a key source that fetches a JWK set when it is needed (docs/protocol.md section 6) and caches it according to
 * `Cache-Control`, within bounds. Create one per URL and keep it: it holds the cache.
 *
 * - There is one request at a time, shared by all callers. A caller's abort ends its own wait only.
 * - An unknown `kid` causes one more fetch, at most once per cooldown.
 * - While fetching fails, the last set is used for a limited time, and is returned without waiting until the cooldown
 *   ends. A `kid` that is not in it is refused with `jwks_unavailable`, never with `unknown_kid`.
 * - Ages are measured with a monotonic clock: setting the wall clock changes nothing.
 *
 * @param url `https:`, or `http:` to loopback and `allowPlainHttpHosts`. Redirects are followed within its origin only.
 * @throws AgentIdentityError `insecure_url`, `invalid_argument`
 * @example
 * ```ts
 * import { agentIdentityJwksUrl, remoteJwks } from 'agent-identity-jwt';
 *
 * const jwks = remoteJwks(agentIdentityJwksUrl('https://agents.example.com'), { timeoutSeconds: 5 });
 * ```
 */
export function remoteJwks(
  url: string | URL,
  options: RemoteJwksOptions = {},
  effects: RemoteJwksEffects = {},
): JwksSource {
  requireKnownOptions(options, optionNames, 'options');
  requireKnownOptions(effects, ['fetch', 'monotonicClock'], 'effects');
  const { timeoutSeconds = 10, allowPlainHttpHosts, userAgent, originator } = options;
  const limits = cacheLimits(options);
  requireSeconds(timeoutSeconds, 'timeoutSeconds', { min: 0.001, max: maxSeconds });
  const { fetch, monotonicClock } = resolveEffects(effects);
  const request = {
    url: requireSecureUrl(url, 'JWKS URL', { allowPlainHttpHosts }),
    fetch,
    headers: identificationHeaders({ userAgent, originator }),
    timeoutSeconds,
  };
  const cache = new KeySetCache(
    () => fetchJwks(request),
    limits,
    () => readClock(monotonicClock),
  );
  return Object.freeze({
    async findKey(kid: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
      signal?.throwIfAborted();
      return requireKey(await cache.find(kid, signal));
    },
  });
}

/** @throws AgentIdentityError `invalid_argument` */
function cacheLimits({
  minCacheSeconds = 60,
  maxCacheSeconds = 3600,
  staleIfErrorSeconds = 3600,
  cooldownSeconds = 30,
}: RemoteJwksOptions): CacheLimits {
  const limits = { minCacheSeconds, maxCacheSeconds, staleIfErrorSeconds, cooldownSeconds };
  for (const [name, seconds] of Object.entries(limits)) requireSeconds(seconds, name, { max: maxSeconds });
  if (minCacheSeconds > maxCacheSeconds) {
    throw jwtError('invalid_argument', 'minCacheSeconds: expected no more than maxCacheSeconds');
  }
  return limits;
}
