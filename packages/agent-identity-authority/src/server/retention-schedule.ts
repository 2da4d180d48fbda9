import { setTimeout as sleep } from 'node:timers/promises';
import type { AuthorityStore, EndedRowsQuery } from 'agent-identity-authority-core';
import type { Clock } from 'agent-identity-core';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.js';

/** Dependencies of the removal of ended rows. */
export interface RetentionParts {
  readonly store: Pick<AuthorityStore, 'removeEndedTasks' | 'removeEndedInstances'>;
  /** How long ended tasks and instances are kept. */
  readonly endedSeconds: number;
  /** As for `createAuthority`. */
  readonly taskIdleTtlSeconds?: number | undefined;
  readonly instanceIdleTtlSeconds: number;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
}

/** What one walk through all rows removed. */
export interface RemovedByWalk {
  readonly agentTasks: number;
  readonly runtimeAgentInstances: number;
}

const rowsPerStep = 1000;
const millisecondsBetweenSteps = 250;
const millisecondsBetweenWalks = 3_600_000;
const millisecondsAfterFailure = 60_000;

/**
 * Creates a walk through all tasks and instances, which removes those that ended long enough ago.
 *
 * The time never runs faster than the monotonic clock: a wall clock that jumps ahead ends no row early.
 *
 * @param pause Called between two steps, so that a walk disturbs nobody.
 */
export function createRetentionWalk(
  parts: RetentionParts,
): (pause: () => Promise<void>) => Promise<RemovedByWalk> {
  const { store, endedSeconds, taskIdleTtlSeconds, instanceIdleTtlSeconds, clock, monotonicClock } = parts;
  const startedAt = clock() - monotonicClock();
  const now = () => Math.floor(Math.min(clock(), startedAt + monotonicClock()));

  async function walk(
    step: 'removeEndedTasks' | 'removeEndedInstances',
    idleTtlSeconds: number | undefined,
    pause: () => Promise<void>,
  ): Promise<number> {
    let total = 0;
    let cursor: string | undefined;
    for (;;) {
      const revokedBefore = now() - endedSeconds * 1000;
      const query: EndedRowsQuery = {
        revokedBefore,
        unusedBefore: idleTtlSeconds === undefined ? undefined : revokedBefore - idleTtlSeconds * 1000,
        cursor,
        limit: rowsPerStep,
      };
      const { removed, nextCursor } = await store[step](query);
      total += removed;
      if (nextCursor === null) return total;
      cursor = nextCursor;
      await pause();
    }
  }

  return async (pause) => ({
    agentTasks: await walk('removeEndedTasks', taskIdleTtlSeconds, pause),
    runtimeAgentInstances: await walk('removeEndedInstances', instanceIdleTtlSeconds, pause),
  });
}

/** Dependencies of the schedule. */
export interface RetentionScheduleParts extends RetentionParts {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'countRemovedRows'>;
}

/**
 * Walks now and then every hour. Several nodes may walk at the same time: each row is removed once.
 *
 * @returns a function that ends the schedule
 */
export function startRetentionSchedule({ logger, metrics, ...parts }: RetentionScheduleParts): () => void {
  if (parts.endedSeconds === 0) return () => {};
  const stopping = new AbortController();
  const { signal } = stopping;
  const wait = (milliseconds: number) => sleep(milliseconds, undefined, { signal, ref: false });
  const walk = createRetentionWalk(parts);

  async function run(): Promise<void> {
    for (;;) {
      let pauseAfterwards = millisecondsBetweenWalks;
      try {
        const removed = await walk(() => wait(millisecondsBetweenSteps));
        metrics.countRemovedRows(removed);
        if (Object.values(removed).some((count) => count > 0)) logger.info(removed, 'removed ended rows');
      } catch (err) {
        signal.throwIfAborted();
        pauseAfterwards = millisecondsAfterFailure;
        logger.error({ err }, 'ended rows could not be removed; trying again in a minute');
      }
      await wait(pauseAfterwards);
    }
  }

  // Only the end of the schedule ends the loop.
  run().catch(() => {});
  return () => stopping.abort();
}
