import { type Clock, describeType } from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import { LRUCache } from 'lru-cache';
import { authorityError } from '../errors.js';
import type { OnFailure } from '../to-unavailable.js';
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

/** Counts events of all nodes together, such as in Redis. */
export interface SharedRateLimiter {
  /**
   * Counts an event. Resolves to `undefined` if it is within the limit, else to the number of whole seconds after which to
   * retry. While it rejects, the node counts by itself; `onFailure` gets the first error.
   */
  tryConsume(key: string): Promise<number | undefined>;
}

/**
 * Creates the shared limiter of one of the limits. The program has one for Redis: its setting `limits.shared`.
 *
 * @example
 * ```ts
 * import type { CreateSharedRateLimiter } from 'agent-identity-authority-core';
 *
 * declare function countInWindow(key: string, seconds: number): Promise<number>;
 *
 * const createSharedRateLimiter: CreateSharedRateLimiter = (name, { requests, perSeconds }) => ({
 *   async tryConsume(key) {
 *     const count = await countInWindow(`${name}:${key}`, perSeconds);
 *     return count > requests ? perSeconds : undefined;
 *   },
 * });
 * ```
 */
export type CreateSharedRateLimiter = (name: keyof RateLimits, limit: RateLimit) => SharedRateLimiter;

/** Counts requests. Each method rejects with `too_many_requests` above the limit. */
export interface RequestCounter {
  /** Requests from unknown addresses are not counted. */
  countAddress(clientAddress: string | undefined): Promise<void>;
  /** Counts a task registration, unless the same signature was counted before. */
  countRuntime(agentRuntimeId: string, signature: string): Promise<void>;
  /** Counts the registration of a runtime, unless the same key was counted before. */
  countAccount(accountId: string, publicKeySsh: string): Promise<void>;
  /** Counts the registration of an instance, unless the same `Idempotency-Key` was counted before. */
  countActor(actor: string, idempotencyKeyDigest: string): Promise<void>;
}

const defaults: RateLimits = {
  perAddress: { requests: 3000, perSeconds: 60 },
  perRuntime: { requests: 300, perSeconds: 60 },
  perAccount: { requests: 600, perSeconds: 3600 },
  perActor: { requests: 6000, perSeconds: 3600 },
};

/** How many signatures and keys are remembered, to recognize a repeat. */
const maxRemembered = 50_000;

/** What the counter needs besides its limits. */
interface RequestCounterParts {
  readonly createSharedRateLimiter: CreateSharedRateLimiter | undefined;
  readonly monotonicClock: Clock;
  readonly onFailure: OnFailure;
}

export function createRequestCounter(limits: RateLimits, parts: RequestCounterParts): RequestCounter {
  const countAddress = createCount('perAddress', limits, parts);
  return {
    async countAddress(clientAddress) {
      if (clientAddress !== undefined) await countAddress(rateLimitKey(clientAddress));
    },
    countRuntime: createCount('perRuntime', limits, parts),
    countAccount: createCount('perAccount', limits, parts),
    countActor: createCount('perActor', limits, parts),
  };
}

/** Counts under a key. An event that this node allowed before does not count again. */
function createCount(
  name: keyof RateLimits,
  limits: RateLimits,
  parts: RequestCounterParts,
): (key: string, event?: string) => Promise<void> {
  const limit = limits[name];
  if (limit === false) return async () => {};
  const tryConsume = createTryConsume(name, limit, parts);
  const allowed = new LRUCache<string, true>({ max: maxRemembered });
  return async (key, event) => {
    const repeat = event === undefined ? undefined : JSON.stringify([key, event]);
    if (repeat !== undefined && allowed.get(repeat)) return;
    const counted = tryConsume(key);
    // Without a wait, a repeat that comes at the same time is seen.
    const retryAfterSeconds = typeof counted === 'object' ? await counted : counted;
    if (retryAfterSeconds !== undefined) throw new TooManyRequestsError(retryAfterSeconds);
    if (repeat !== undefined) allowed.set(repeat, true);
  };
}

function createTryConsume(
  name: keyof RateLimits,
  limit: RateLimit,
  { createSharedRateLimiter, monotonicClock, onFailure }: RequestCounterParts,
): (key: string) => number | undefined | Promise<number | undefined> {
  const own = createRateLimiter(limit, monotonicClock);
  const shared = createSharedRateLimiter?.(name, limit);
  if (shared === undefined) return own.tryConsume;
  let isAway = false;
  return async (key) => {
    try {
      const retryAfterSeconds = await shared.tryConsume(key);
      isAway = false;
      return retryAfterSeconds;
    } catch (failure) {
      // Once for each outage, not for each request.
      if (!isAway) onFailure(failure);
      isAway = true;
      return own.tryConsume(key);
    }
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
