import { type Clock, describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import { TooManyRequestsError } from './error-response.js';
import { rateLimitKey } from './rate-limit-key.js';
import { type RateLimit, rateLimiter } from './rate-limiter.js';

/** The limits of an authority; `false` for none. */
export interface RateLimits {
  /** Requests of one client address, those that authenticate as administrators and verifiers aside. */
  readonly perAddress: RateLimit | false;
  /** Task registrations that a runtime signed. */
  readonly perRuntime: RateLimit | false;
}

/** Counts requests; each throws when there were too many. */
export interface RequestCounter {
  /** Addresses that nobody knows are not counted. */
  countAddress(clientAddress: string | undefined): void;
  countRuntime(agentRuntimeId: string): void;
}

export function requestCounter({ perAddress, perRuntime }: RateLimits, clock: Clock): RequestCounter {
  const addresses = perAddress && rateLimiter(perAddress, clock);
  const runtimes = perRuntime && rateLimiter(perRuntime, clock);
  return {
    countAddress(clientAddress) {
      if (addresses && clientAddress !== undefined) allow(addresses.tryConsume(rateLimitKey(clientAddress)));
    },
    countRuntime(agentRuntimeId) {
      if (runtimes) allow(runtimes.tryConsume(agentRuntimeId));
    },
  };
}

/**
 * Fills in the defaults.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireRateLimits({
  perAddress = { requests: 600, perSeconds: 60 },
  perRuntime = { requests: 60, perSeconds: 60 },
}: Partial<RateLimits>): RateLimits {
  requireRateLimit('rateLimits.perAddress', perAddress);
  requireRateLimit('rateLimits.perRuntime', perRuntime);
  return { perAddress, perRuntime };
}

function requireRateLimit(name: string, limit: RateLimit | false): void {
  if (limit === false) return;
  for (const member of ['requests', 'perSeconds'] as const) {
    const value: unknown = limit?.[member];
    if (Number.isSafeInteger(value) && Number(value) > 0) continue;
    throw authorityError(
      'invalid_argument',
      `${name}.${member}: expected a whole number above 0, got ${describeType(value)}`,
    );
  }
}

function allow(retryAfterSeconds: number | undefined): void {
  if (retryAfterSeconds !== undefined) throw new TooManyRequestsError(retryAfterSeconds);
}
