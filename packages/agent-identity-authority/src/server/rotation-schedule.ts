import { clearInterval, setInterval } from 'node:timers';
import type { Authority, AuthorityStore } from 'agent-identity-authority-core';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.js';

/** Dependencies of a scheduled rotation. */
export interface RotationParts {
  readonly authority: Pick<Authority, 'rotateSigningKey'>;
  readonly store: Pick<AuthorityStore, 'listSigningKeys'>;
  readonly everySeconds: number;
  readonly activateAfterSeconds: number;
  readonly clock: () => number;
  readonly recordSigningKeyCreation: (createdAt: number) => void;
}

/**
 * Rotates the signing key if it is old enough; call it regularly. If two nodes do it at once, they create two keys, which is
 * harmless: both are published before either signs.
 *
 * @returns whether it rotated
 */
export async function rotateIfDue({
  authority,
  store,
  everySeconds,
  activateAfterSeconds,
  clock,
  recordSigningKeyCreation,
}: RotationParts): Promise<boolean> {
  const newest = (await store.listSigningKeys()).at(-1);
  if (newest === undefined) return false;
  recordSigningKeyCreation(newest.createdAt);
  if (everySeconds === 0 || clock() - newest.createdAt < everySeconds * 1000) return false;
  await authority.rotateSigningKey({ activateAfterSeconds }, { actor: 'authority' });
  recordSigningKeyCreation(clock());
  return true;
}

/** Dependencies of the schedule. */
export interface RotationScheduleParts extends Omit<RotationParts, 'recordSigningKeyCreation'> {
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
  const check = async () => {
    try {
      if (await rotateIfDue({ ...parts, recordSigningKeyCreation })) logger.info('rotated the signing key');
    } catch (err) {
      logger.error({ err }, 'the signing key could not be rotated; the old one stays in use');
    }
  };
  const timer = setInterval(check, 600_000);
  timer.unref();
  void check();
  return () => clearInterval(timer);
}
