import { type HttpEffects, requireKnownOptions, resolveEffects } from 'agent-identity-core/http';
import { requireCount, verificationError } from '../errors.js';
import type { ReplayStore } from './replay-store.js';

/** Options for `memoryReplayStore`. */
export interface MemoryReplayStoreOptions {
  /**
   * The maximum number of keys. Default: 200,000, about 30 MB. A full store refuses further assertions
   * (`replay_store_full`) and forgets nothing, so choose the requests per second times the seconds that a key lives: 181
   * with the default window, so 200,000 keys are enough for 1,100 requests per second.
   */
  readonly maxEntries?: number | undefined;
}

/**
 * Creates a replay store in this process: for a service that has one process. A restart empties it, and each process, and
 * each isolate of a Worker, has its own. Keys age by the monotonic clock, so setting the wall clock frees none.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { type AgentDirectory, createAssertionVerifier, memoryReplayStore } from 'agent-identity-verifier';
 *
 * const createVerifier = (directory: AgentDirectory) =>
 *   createAssertionVerifier({
 *     directory,
 *     generations: [1, 2],
 *     replayStore: memoryReplayStore({ maxEntries: 1_000_000 }),
 *   });
 * ```
 */
export function memoryReplayStore(
  options: MemoryReplayStoreOptions = {},
  effects: Pick<HttpEffects, 'monotonicClock'> = {},
): ReplayStore {
  requireKnownOptions(options, ['maxEntries'], 'options');
  requireKnownOptions(effects, ['monotonicClock'], 'effects');
  const { maxEntries = 200_000 } = options;
  requireCount(maxEntries, 'maxEntries', 1);
  const { monotonicClock } = resolveEffects(effects);
  /** Expiry times by key, in the order in which the keys came. */
  const expiries = new Map<string, number>();

  /** Stops at the first key that is still needed: one with a shorter life behind it stays a little longer. */
  function dropExpired(now: number): void {
    for (const [key, expiresAt] of expiries) {
      if (now < expiresAt) return;
      expiries.delete(key);
    }
  }

  return {
    markUsed(key, ttlSeconds) {
      const now = monotonicClock();
      dropExpired(now);
      if (expiries.has(key)) return false;
      if (expiries.size >= maxEntries) {
        throw verificationError(
          'replay_store_full',
          `the replay store holds ${maxEntries} keys that are still needed; raise maxEntries of memoryReplayStore`,
          { retryable: true },
        );
      }
      expiries.set(key, now + ttlSeconds * 1000);
      return true;
    },
  };
}
