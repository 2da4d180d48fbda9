import {
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  requireSeconds,
  withDeadline,
} from 'agent-identity-core/http';
import type { ReplayStore } from './replay-store.js';

export type { ReplayStore } from './replay-store.js';

/** The part of a client of the package `redis` that the store uses; a cluster client has it too. */
export interface NodeRedisClient {
  set(key: string, value: string, options: { readonly NX: true; readonly PX: number }): Promise<unknown>;
}

/** The part of a client of the package `ioredis` that the store uses; its `Cluster` has it too. */
export interface IoredisClient {
  call(command: string, ...parameters: string[]): Promise<unknown>;
}

/** Options for `redisReplayStore`. */
export interface RedisReplayStoreOptions {
  /** A connected client of the package `redis` (4 to 6) or `ioredis` (5 or 6). The store does not close it. */
  readonly client: NodeRedisClient | IoredisClient;
  /** What the names of the keys begin with. Services that share it accept an assertion once together. Default: `agent-assertion:`. */
  readonly keyPrefix?: string | undefined;
  /** Time limit of one command, in seconds. Without it, a client that lost its connection can wait forever. Default: 1. */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Creates a replay store on Redis or Valkey, for several nodes: one `SET … NX PX` for each assertion, and Redis drops the
 * key when its time is up. Configure `maxmemory-policy noeviction`, because an evicted key is forgotten. A failover to a
 * replica can forget the keys that were not replicated yet.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { type AgentDirectory, createAssertionVerifier } from 'agent-identity-verifier';
 * import { redisReplayStore } from 'agent-identity-verifier/redis-replay-store';
 * import { createClient } from 'redis';
 *
 * async function createVerifier(directory: AgentDirectory) {
 *   const client = createClient({ url: 'redis://redis.example.com' }).on('error', console.error);
 *   await client.connect();
 *   const replayStore = redisReplayStore({ client });
 *   return createAssertionVerifier({ directory, generations: [1, 2], replayStore });
 * }
 * ```
 */
export function redisReplayStore(options: RedisReplayStoreOptions): ReplayStore {
  requireKnownOptions(options, ['client', 'keyPrefix', 'timeoutSeconds'], 'options');
  const { client, keyPrefix = 'agent-assertion:', timeoutSeconds = 1 } = options;
  if (typeof keyPrefix !== 'string') throw invalidArgument('keyPrefix', 'a string', keyPrefix);
  requireSeconds(timeoutSeconds, 'timeoutSeconds', { min: 0.001, max: 60 });
  const setIfAbsent = commandOf(client);
  return {
    async markUsed(key, ttlSeconds) {
      const milliseconds = Math.ceil(ttlSeconds * 1000);
      const reply = await withDeadline({ timeoutSeconds }, () => setIfAbsent(keyPrefix + key, milliseconds));
      if (reply === null || reply === 'OK') return reply === 'OK';
      throw invalidArgument('client', 'a Redis client that replies OK or null to SET NX', reply);
    },
  };
}

/** Only clients of `ioredis` have the method `call`. Both have `set`, with different parameters. */
function commandOf(client: RedisReplayStoreOptions['client']) {
  const expected = 'a client of the package redis or ioredis';
  if (typeof client === 'object' && client !== null && 'call' in client) {
    requireMethods(client, ['call'], 'client', expected);
    return (key: string, milliseconds: number) =>
      client.call('SET', key, '1', 'NX', 'PX', String(milliseconds));
  }
  requireMethods(client, ['set'], 'client', expected);
  return (key: string, milliseconds: number) => client.set(key, '1', { NX: true, PX: milliseconds });
}
