import { type Clock, describeType } from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import { authorityError } from '../errors.js';
import { TooManyRequestsError } from './error-response.js';
import { rateLimitKey } from './rate-limit-key.js';
import { createRateLimiter, type RateLimit } from './rate-limiter.js';

/** The limits of an authority; `false` disables a limit. */
export interface RateLimits {
  /** Requests from one client address, except those authenticated as administrators or verifiers. */
  readonly perAddress: RateLimit | false;
  /** Task registrations with a valid signature of one runtime. */
  readonly perRuntime: RateLimit | false;
}

/** Counts requests. Each method throws `too_many_requests` above the limit. */
export interface RequestCounter {
  /** Requests from unknown addresses are not counted. */
  countAddress(clientAddress: string | undefined): void;
  countRuntime(agentRuntimeId: string): void;
}

export function createRequestCounter(
  { perAddress, perRuntime }: RateLimits,
  monotonicClock: Clock,
): RequestCounter {
  const addresses = perAddress && createRateLimiter(perAddress, monotonicClock);
  const runtimes = perRuntime && createRateLimiter(perRuntime, monotonicClock);
  return {
    countAddress(clientAddress) {
      if (!addresses || clientAddress === undefined) return;
      throwIfLimited(addresses.tryConsume(rateLimitKey(clientAddress)));
    },
    countRuntime(agentRuntimeId) {
      if (runtimes) throwIfLimited(runtimes.tryConsume(agentRuntimeId));
    },
  };
}

/**
 * Fills in the defaults.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireRateLimits(limits: Partial<RateLimits>): RateLimits {
  requireKnownOptions(limits, ['perAddress', 'perRuntime'], 'rateLimits');
  const { perAddress = { requests: 600, perSeconds: 60 }, perRuntime = { requests: 60, perSeconds: 60 } } =
    limits;
  requireRateLimit('rateLimits.perAddress', perAddress);
  requireRateLimit('rateLimits.perRuntime', perRuntime);
  return { perAddress, perRuntime };
}

function requireRateLimit(name: string, limit: RateLimit | false): void {
  if (limit === false) return;
  requireKnownOptions(limit, ['requests', 'perSeconds'], name);
  for (const member of ['requests', 'perSeconds'] as const) {
    const value: unknown = limit[member];
    if (Number.isSafeInteger(value) && Number(value) > 0) continue;
    throw authorityError(
      'invalid_argument',
      `${name}.${member}: expected a whole number above 0, got ${describeType(value)}`,
    );
  }
}

function throwIfLimited(retryAfterSeconds: number | undefined): void {
  if (retryAfterSeconds !== undefined) throw new TooManyRequestsError(retryAfterSeconds);
}
