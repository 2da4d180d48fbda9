import type { SecureUrlOptions } from 'agent-identity-core/http';
import { jwtError } from '../errors.js';

/** How long a remote key set is asked for, kept and relied on. */
export interface RemoteJwksOptions extends SecureUrlOptions {
  /** Limit of one fetch: headers, body and redirects; 10 by default (docs/protocol.md section 6). */
  readonly timeoutSeconds?: number | undefined;
  /** A set is kept at least so long, whatever `Cache-Control` says; 60 by default. */
  readonly minCacheSeconds?: number | undefined;
  /** A set is kept at most so long, and so is a key withdrawn from it; 3600 by default. */
  readonly maxCacheSeconds?: number | undefined;
  /** While fetching fails, a set is relied on for so long past its time; 3600 by default, 0 for never. */
  readonly staleIfErrorSeconds?: number | undefined;
  /** Unknown key ids have the set fetched again, but not more often than this; 30 by default. */
  readonly cooldownSeconds?: number | undefined;
}

/** The same, complete. */
export interface RemoteJwksLimits {
  readonly timeoutSeconds: number;
  readonly minCacheSeconds: number;
  readonly maxCacheSeconds: number;
  readonly staleIfErrorSeconds: number;
  readonly cooldownSeconds: number;
}

/** @throws AgentIdentityError `invalid_argument` */
export function remoteJwksLimits({
  timeoutSeconds = 10,
  minCacheSeconds = 60,
  maxCacheSeconds = 3600,
  staleIfErrorSeconds = 3600,
  cooldownSeconds = 30,
}: RemoteJwksOptions): RemoteJwksLimits {
  const limits = { timeoutSeconds, minCacheSeconds, maxCacheSeconds, staleIfErrorSeconds, cooldownSeconds };
  for (const [name, seconds] of Object.entries(limits)) requireSeconds(name, seconds);
  if (timeoutSeconds === 0) throw jwtError('invalid_argument', 'timeoutSeconds: expected more than 0');
  if (minCacheSeconds > maxCacheSeconds) {
    throw jwtError('invalid_argument', 'minCacheSeconds: expected no more than maxCacheSeconds');
  }
  return limits;
}

/** A month at most: longer is a unit mistaken, and more than timers can hold. */
function requireSeconds(name: string, seconds: number): void {
  if (!(typeof seconds === 'number' && seconds >= 0 && seconds <= 2_147_483)) {
    throw jwtError('invalid_argument', `${name}: expected seconds from 0 to 2147483, got ${seconds}`);
  }
}
