import { type HttpEffects, requireSecureUrl, type SecureUrlOptions } from 'agent-identity-core/http';
import { jwtError } from '../errors.js';
import type { JwksSource } from './jwks-source.js';

/** How long a remote key set is asked for, kept and relied on. */
export interface RemoteJwksOptions extends SecureUrlOptions {
  /** Limit of one fetch, headers and body, redirects included; 10 by default (protocol section 6). */
  readonly timeoutSeconds?: number | undefined;
  /** A set is kept at least so long, whatever `Cache-Control` says; 60 by default. */
  readonly minCacheSeconds?: number | undefined;
  /** A set is kept at most so long, and so a withdrawn key; 3600 by default. */
  readonly maxCacheSeconds?: number | undefined;
  /** While fetching fails, a set is relied on for so long past its time; 3600 by default, 0 for never. */
  readonly staleIfErrorSeconds?: number | undefined;
  /** An unknown `kid` has the set fetched again, but not more often than this; 30 by default. */
  readonly cooldownSeconds?: number | undefined;
}

export function remoteJwks(
  url: string | URL,
  options: RemoteJwksOptions = {},
  _effects: Pick<HttpEffects, 'fetch' | 'clock'> = {},
): JwksSource {
  requireSecureUrl(url, 'JWKS URL', options);
  return {
    findKey: () => Promise.reject(jwtError('jwks_unavailable', 'not fetched', { retryable: true })),
  };
}
