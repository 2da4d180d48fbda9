import type { Clock } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';

/** How often something may happen. */
export interface RateLimit {
  /** The average within `perSeconds`, and the largest burst. */
  readonly requests: number;
  /** The period of the average, in seconds. */
  readonly perSeconds: number;
}

/** Limits events by key. */
export interface RateLimiter {
  /** Counts an event. Returns `undefined` if it is within the limit, else after how many whole seconds to retry. */
  tryConsume(key: string): number | undefined;
}

/**
 * Creates a limiter with the Generic Cell Rate Algorithm, which stores one number for each key: its theoretical arrival
 * time (TAT). Remembers the 50,000 most recent keys, so the memory is bounded.
 */
export function createRateLimiter(
  { requests, perSeconds }: RateLimit,
  monotonicClock: Clock,
  max = 50_000,
): RateLimiter {
  const theoreticalArrivalTimes = new LRUCache<string, number>({ max });
  const interval = (perSeconds * 1000) / requests;
  const tolerance = perSeconds * 1000 - interval;
  return {
    tryConsume(key) {
      const now = monotonicClock();
      const arrivalTime = Math.max(theoreticalArrivalTimes.get(key) ?? now, now);
      const earlyBy = arrivalTime - now - tolerance;
      // Half a millisecond of slack: rounding in fractional intervals must not refuse the last request of a burst.
      if (earlyBy > 0.5) return Math.ceil(earlyBy / 1000);
      theoreticalArrivalTimes.set(key, arrivalTime + interval);
      return undefined;
    },
  };
}
