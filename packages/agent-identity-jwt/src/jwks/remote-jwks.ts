import { type HttpEffects, requireSecureUrl } from 'agent-identity-core/http';
import { fetchJwks } from './fetch-jwks.js';
import type { JwksSource } from './jwks-source.js';
import { KeySetCache } from './key-set-cache.js';
import { requireKey } from './local-jwks.js';
import { type RemoteJwksOptions, remoteJwksLimits } from './remote-jwks-options.js';

/**
 * The keys of a JWK set that is fetched when it is needed (docs/protocol.md section 6), and kept by its `Cache-Control` within
 * bounds. Make one per URL and keep it: it holds the cache.
 *
 * - One request at a time, shared by all who wait; a caller's abort ends its own wait only.
 * - An unknown `kid` has the set fetched once more, but no more than once per cool-down, however many come.
 * - While fetching fails, the last set serves on for a time, and nobody waits for the next attempt within the cool-down.
 *   A `kid` that is not in it is then refused with `jwks_unavailable` and never with `unknown_kid`.
 *
 * @param url `https:`, or `http:` to loopback and `allowPlainHttpHosts`; redirects are followed within its origin only.
 * @throws AgentIdentityError `insecure_url`, `invalid_argument`
 */
export function remoteJwks(
  url: string | URL,
  options: RemoteJwksOptions = {},
  { fetch = (input, init) => globalThis.fetch(input, init), clock = Date.now }: RemoteJwksEffects = {},
): JwksSource {
  const limits = remoteJwksLimits(options);
  const request = {
    url: requireSecureUrl(url, 'JWKS URL', options),
    fetch,
    timeoutSeconds: limits.timeoutSeconds,
  };
  const cache = new KeySetCache(() => fetchJwks(request), limits, clock);
  return Object.freeze({
    async findKey(kid: string, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
      signal?.throwIfAborted();
      return requireKey(await cache.find(kid, signal));
    },
  });
}

/** What fetching a key set may be given in place of the runtime's own. */
export type RemoteJwksEffects = Pick<HttpEffects, 'fetch' | 'clock'>;
