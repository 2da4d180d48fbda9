import type { Clock } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';

/** How often something may happen. */
export interface RateLimit {
  /** So many within `perSeconds` on average, and at most so many at once. */
  readonly requests: number;
  readonly perSeconds: number;
}

/** Counts by key. */
export interface RateLimiter {
  /** Counts one; `undefined` if that is within the limit, else after how many whole seconds to come again. */
  tryConsume(key: string): number | undefined;
}

/**
 * Counts as the Generic Cell Rate Algorithm does: one number a key, the time at which its allowance is whole again.
 * The keys seen last are remembered, 50,000 of them, so the memory is bounded whoever comes.
 */
export function rateLimiter({ requests, perSeconds }: RateLimit, clock: Clock, max = 50_000): RateLimiter {
  const theoreticalArrivalTime = new LRUCache<string, number>({ max });
  const interval = (perSeconds * 1000) / requests;
  const tolerance = perSeconds * 1000 - interval;
  return {
    tryConsume(key) {
      const now = clock();
      const earliest = Math.max(theoreticalArrivalTime.get(key) ?? now, now);
      const tooEarlyBy = earliest - now - tolerance;
      // Half a millisecond: sums of intervals that are no whole numbers must not refuse the last request of a burst.
      if (tooEarlyBy > 0.5) return Math.ceil(tooEarlyBy / 1000);
      theoreticalArrivalTime.set(key, earliest + interval);
      return undefined;
    },
  };
}
