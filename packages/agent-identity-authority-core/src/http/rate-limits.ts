import { type Clock, describeType } from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import { LRUCache } from 'lru-cache';
import { authorityError } from '../errors.js';
import { TooManyRequestsError } from './error-response.js';
import { rateLimitKey } from './rate-limit-key.js';
import { createRateLimiter, type RateLimit } from './rate-limiter.js';

/** The limits of an authority; `false` disables a limit. `docs/operations.md` says how the defaults were chosen. */
export interface RateLimits {
  /** Requests from one client address, except those authenticated as administrators or verifiers. */
  readonly perAddress: RateLimit | false;
  /** Task registrations with a valid signature of one runtime. Byte-identical repeats do not count. */
  readonly perRuntime: RateLimit | false;
  /** New runtimes of one account. Registering a key again does not count. */
  readonly perAccount: RateLimit | false;
  /** New runtime agent instances of one user of an account or organization. Repeats do not count. */
  readonly perActor: RateLimit | false;
}

/** Counts requests. Each method throws `too_many_requests` above the limit. */
export interface RequestCounter {
  /** Requests from unknown addresses are not counted. */
  countAddress(clientAddress: string | undefined): void;
  /** Counts a task registration, unless the same signature was counted before. */
  countRuntime(agentRuntimeId: string, signature: string): void;
  /** Counts the registration of a runtime, unless the same key was counted before. */
  countAccount(accountId: string, publicKeySsh: string): void;
  /** Counts the registration of an instance, unless the same `Idempotency-Key` was counted before. */
  countActor(actor: string, idempotencyKeyDigest: string): void;
}

const defaults: RateLimits = {
  perAddress: { requests: 3000, perSeconds: 60 },
  perRuntime: { requests: 300, perSeconds: 60 },
  perAccount: { requests: 600, perSeconds: 3600 },
  perActor: { requests: 6000, perSeconds: 3600 },
};

/** How many signatures and keys are remembered, to recognize a repeat. */
const maxRemembered = 50_000;

export function createRequestCounter(limits: RateLimits, monotonicClock: Clock): RequestCounter {
  const countAddress = createCount(limits.perAddress, monotonicClock);
  const countRuntime = createCount(limits.perRuntime, monotonicClock);
  const countAccount = createCount(limits.perAccount, monotonicClock);
  return {
    countAddress(clientAddress) {
      if (clientAddress !== undefined) countAddress(rateLimitKey(clientAddress));
    },
    countRuntime,
    countAccount,
    countActor: createCount(limits.perActor, monotonicClock),
  };
}

/** Counts under a key. An event that was allowed before does not count again. */
function createCount(limit: RateLimit | false, monotonicClock: Clock): (key: string, event?: string) => void {
  if (limit === false) return () => {};
  const limiter = createRateLimiter(limit, monotonicClock);
  const allowed = new LRUCache<string, true>({ max: maxRemembered });
  return (key, event) => {
    const repeat = event === undefined ? undefined : JSON.stringify([key, event]);
    if (repeat !== undefined && allowed.get(repeat)) return;
    const retryAfterSeconds = limiter.tryConsume(key);
    if (retryAfterSeconds !== undefined) throw new TooManyRequestsError(retryAfterSeconds);
    if (repeat !== undefined) allowed.set(repeat, true);
  };
}

/**
 * Fills in the defaults.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireRateLimits(limits: Partial<RateLimits>): RateLimits {
  const names = ['perAddress', 'perRuntime', 'perAccount', 'perActor'] as const;
  requireKnownOptions(limits, names, 'rateLimits');
  const {
    perAddress = defaults.perAddress,
    perRuntime = defaults.perRuntime,
    perAccount = defaults.perAccount,
    perActor = defaults.perActor,
  } = limits;
  const resolved = { perAddress, perRuntime, perAccount, perActor };
  for (const name of names) requireRateLimit(`rateLimits.${name}`, resolved[name]);
  return resolved;
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
