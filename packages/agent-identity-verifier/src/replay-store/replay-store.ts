import type { MaybePromise } from '../agent-directory.js';

/**
 * Remembers which assertions of the second generation were used, so that each is accepted once. The store decides how far
 * that reaches: `memoryReplayStore` in one process, `redisReplayStore` and `postgresReplayStore` over all nodes that share
 * a server.
 */
export interface ReplayStore {
  /**
   * Marks a key as used and returns whether this was the first time. Of any number of concurrent calls with one key, on all
   * nodes, exactly one gets `true`. A store that cannot tell, or has no room, must throw or reject; it must never forget a
   * key before its time is up.
   *
   * @param key The id of the instance, escaped as in a URL, a colon, and the `id` of the assertion. Printable ASCII, not a
   * secret. As long as the ids of the authority: about 80 characters with `agent-identity-authority`.
   * @param ttlSeconds How long the key must be remembered. The store may remember it for longer.
   * @returns `true` if the key was not marked before
   */
  markUsed(key: string, ttlSeconds: number): MaybePromise<boolean>;
}
