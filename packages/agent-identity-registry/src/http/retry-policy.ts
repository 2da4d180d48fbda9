import type { Failure } from './failure.js';

/** Attempts at one registration, the first included (docs/protocol.md section 5). */
const maxAttempts = 3;

/** A `Retry-After` beyond this is not waited for: the error tells what was asked. */
export const maxRetryAfterSeconds = 30;

/** The upper bound of the wait after the first attempt; it doubles with each. */
const firstBackoffMilliseconds = 500;

/** 429 and 5xx; every other status is final (docs/protocol.md section 5). */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || (status >= 500 && status <= 599);
}

/**
 * How long to wait before the next attempt, in milliseconds, or `undefined` if there is none to be. Exponential
 * back-off with full jitter, on top of whatever `Retry-After` asks for: so it is never too early, and clients that
 * were all told the same do not come back at once.
 */
export function retryDelay(attempt: number, failure: Failure, random: () => number): number | undefined {
  const { retryable, retryAfterSeconds = 0 } = failure;
  if (!retryable || attempt >= maxAttempts || retryAfterSeconds > maxRetryAfterSeconds) return undefined;
  return retryAfterSeconds * 1000 + random() * firstBackoffMilliseconds * 2 ** (attempt - 1);
}
