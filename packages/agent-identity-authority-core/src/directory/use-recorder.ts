import type { Clock } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';
import type { EpochMilliseconds } from '../instant.js';

/** Dependencies of recording the use of rows that expire when unused. */
export interface UseRecorderParts {
  readonly idleTtlSeconds: number;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
}

/** An active row that a verifier looked up. */
export interface UsedRow {
  readonly id: string;
  readonly lastSeenAt: EpochMilliseconds;
  /** Records the use in the store. */
  readonly touch: (now: EpochMilliseconds) => Promise<void>;
}

/**
 * Returns a function that records the use of an active row, about once a minute, and returns whether the row is still active.
 * It does not wait for the store, and a failure of the store changes nothing: the store reports it, and a row expires only
 * after a much longer time.
 *
 * Times in the future come from a clock that was wrong. A row that was last seen then expires by the monotonic clock, so that
 * it does not live until that time.
 */
export function createUseRecorder({
  idleTtlSeconds,
  clock,
  monotonicClock,
}: UseRecorderParts): (row: UsedRow) => 'active' | 'expired' {
  /** When this process found the row in use, and when it recorded that. Monotonic. */
  const uses = new LRUCache<string, { readonly usedAt: number; readonly recordedAt: number }>({
    max: 10_000,
  });
  return ({ id, lastSeenAt, touch }) => {
    const [now, usedAt] = [clock(), monotonicClock()];
    const earlier = uses.get(id);
    const isIdle = earlier !== undefined && usedAt - earlier.usedAt >= idleTtlSeconds * 1000;
    if (isIdle && lastSeenAt > now) return 'expired';
    const recordedAt = earlier?.recordedAt ?? Number.NEGATIVE_INFINITY;
    const isRecorded = now - lastSeenAt < 60_000 || usedAt - recordedAt < 60_000;
    uses.set(id, { usedAt, recordedAt: isRecorded ? recordedAt : usedAt });
    if (!isRecorded) touch(now).catch(() => uses.delete(id));
    return 'active';
  };
}
