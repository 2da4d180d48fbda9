import { clearInterval, setInterval } from 'node:timers';
import type { Authority, AuthorityStore, StoredSigningKey } from 'agent-identity-authority-core';
import type { Clock } from 'agent-identity-core';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.js';

/** Dependencies of a scheduled rotation. */
export interface RotationParts {
  readonly authority: Pick<Authority, 'rotateSigningKey'>;
  readonly store: Pick<AuthorityStore, 'listSigningKeys'>;
  readonly everySeconds: number;
  readonly activateAfterSeconds: number;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
  readonly recordSigningKeyCreation: (createdAt: number) => void;
  /** Called while the newest key was created in the future: one clock is or was wrong. */
  readonly onFutureKey: () => void;
}

/** How much the clocks of nodes may differ. */
const maxClockDifferenceMilliseconds = 60_000;
/** How long this process must find a key of the future before it replaces it. */
const futureKeyMilliseconds = 3_600_000;

/**
 * Creates a check that rotates the signing key if it is old enough; call it regularly. If several nodes rotate at once, they
 * create one key.
 *
 * A key that was created in the future comes from a clock that was wrong, or this clock is wrong now. Such a key is replaced
 * after an hour of the monotonic clock, so that a clock that is wrong for a moment neither rotates nor prevents rotation.
 *
 * @returns whether it rotated
 */
export function createRotationCheck(parts: RotationParts): () => Promise<boolean> {
  const { authority, store, everySeconds, activateAfterSeconds, clock, monotonicClock } = parts;
  let future: { readonly kid: string; readonly since: number } | undefined;

  function isDue({ kid, createdAt }: Pick<StoredSigningKey, 'kid' | 'createdAt'>): boolean {
    const age = clock() - createdAt;
    if (age >= -maxClockDifferenceMilliseconds) {
      future = undefined;
      return age >= everySeconds * 1000;
    }
    parts.onFutureKey();
    if (future?.kid !== kid) future = { kid, since: monotonicClock() };
    return monotonicClock() - future.since >= futureKeyMilliseconds;
  }

  return async () => {
    const newest = (await store.listSigningKeys()).at(-1);
    if (newest === undefined) return false;
    parts.recordSigningKeyCreation(newest.createdAt);
    if (everySeconds === 0 || !isDue(newest)) return false;
    const options = { activateAfterSeconds, ifNewestKid: newest.kid };
    await authority.rotateSigningKey(options, { actor: 'authority' });
    parts.recordSigningKeyCreation(clock());
    return true;
  };
}

/** Dependencies of the schedule. */
export interface RotationScheduleParts
  extends Omit<RotationParts, 'recordSigningKeyCreation' | 'onFutureKey'> {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'recordSigningKeyCreation'>;
}

/**
 * Checks now and every ten minutes whether the signing key is due.
 *
 * @returns a function that ends the schedule
 */
export function startRotationSchedule({ logger, metrics, ...parts }: RotationScheduleParts): () => void {
  const { recordSigningKeyCreation } = metrics;
  const rotateIfDue = createRotationCheck({
    ...parts,
    recordSigningKeyCreation,
    onFutureKey: () =>
      logger.warn(
        'the newest signing key was created in the future: check the clocks of this and other nodes',
      ),
  });
  const check = async () => {
    try {
      if (await rotateIfDue()) logger.info('rotated the signing key');
    } catch (err) {
      logger.error({ err }, 'the signing key could not be rotated; the old one stays in use');
    }
  };
  const timer = setInterval(check, 600_000);
  timer.unref();
  void check();
  return () => clearInterval(timer);
}
