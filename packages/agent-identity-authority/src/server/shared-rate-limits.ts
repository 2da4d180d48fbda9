import type { CreateSharedRateLimiter } from 'agent-identity-authority-core';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { programError } from '../errors.js';

/** Counters in Redis that the nodes share. */
export interface SharedRateLimits {
  readonly createSharedRateLimiter: CreateSharedRateLimiter;
  close(): void;
}

/**
 * Connects to Redis, and does not wait longer than for the first attempt. While it is away, or slow, calls reject, and the node counts by itself.
 *
 * @param url **May hold a secret**: the password.
 * @throws AgentIdentityError `invalid_configuration`
 */
export async function openSharedRateLimits(url: string): Promise<SharedRateLimits> {
  if (!URL.canParse(url) || !['redis:', 'rediss:'].includes(new URL(url).protocol)) {
    throw programError('invalid_configuration', 'limits.shared: expected redis://HOST or rediss://HOST');
  }
  const client = new Redis(url, {
    connectTimeout: 2000,
    commandTimeout: 250,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 200, 5000),
  });
  // Why the connection ended. Errors of commands say only that it did.
  let reason: string | undefined;
  client.on('error', ({ message }: Error) => {
    reason = message;
  });
  client.on('ready', () => {
    reason = undefined;
  });
  await new Promise<void>((resolve) => {
    client.once('ready', resolve).once('error', () => resolve());
  });
  return {
    createSharedRateLimiter(name, { requests, perSeconds }) {
      const limiter = new RateLimiterRedis({
        storeClient: client,
        keyPrefix: `agent-identity-authority:${name}`,
        points: requests,
        duration: perSeconds,
        // A key above its limit is not asked for again.
        inMemoryBlockOnConsumed: requests + 1,
        rejectIfRedisNotReady: true,
      });
      return {
        async tryConsume(key) {
          try {
            await limiter.consume(key);
            return undefined;
          } catch (error) {
            if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
            // Not the original: errors of ioredis hold the arguments of the command, such as the password.
            const why = reason ?? (error instanceof Error ? error.message : 'unknown error');
            throw new Error(`limits.shared: Redis is away, so each node counts by itself: ${why}`);
          }
        },
      };
    },
    close: () => client.disconnect(),
  };
}
