import type { Failure } from './failure.js';

/** Attempts of one registration, including the first (docs/protocol.md section 5). */
const maxAttempts = 3;

/** A longer `Retry-After` ends the attempts; the error contains it. */
export const maxRetryAfterSeconds = 30;

/** The upper bound of the wait after the first attempt. Doubles with each attempt. */
const firstBackoffMilliseconds = 500;

/** 429 and 5xx; every other status is final (docs/protocol.md section 5). */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status <= 599);
}

/**
 * Returns the wait before the next attempt in milliseconds, or `undefined` if this was the last one. Exponential backoff
 * with full jitter, added to `Retry-After`: never too early, and clients with the same `Retry-After` do not all return at
 * the same moment.
 */
export function retryDelay(attempt: number, failure: Failure, random: () => number): number | undefined {
  const { retryable, retryAfterSeconds = 0 } = failure;
  if (!retryable || attempt >= maxAttempts || retryAfterSeconds > maxRetryAfterSeconds) return undefined;
  return retryAfterSeconds * 1000 + random() * firstBackoffMilliseconds * 2 ** (attempt - 1);
}
