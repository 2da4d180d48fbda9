import { clearInterval, setInterval } from 'node:timers';
import type { Authority, AuthorityStore } from 'agent-identity-authority-core';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.js';

/** When the signing key gives way to the next by itself. */
export interface RotationScheduleParts {
  readonly authority: Pick<Authority, 'rotateSigningKey'>;
  readonly store: Pick<AuthorityStore, 'listSigningKeys'>;
  readonly everySeconds: number;
  readonly activateAfterSeconds: number;
  readonly clock: () => number;
  readonly recordSigningKeyCreation: (createdAt: number) => void;
}

/**
 * Rotates the signing key once it is old enough; to be called from time to time. Two nodes that do it at once make two
 * keys, which does no harm: both are published before either signs.
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
}: RotationScheduleParts): Promise<boolean> {
  const newest = (await store.listSigningKeys()).at(-1);
  if (newest === undefined) return false;
  recordSigningKeyCreation(newest.createdAt);
  if (everySeconds === 0 || clock() - newest.createdAt < everySeconds * 1000) return false;
  await authority.rotateSigningKey({ activateAfterSeconds }, { actor: 'authority' });
  recordSigningKeyCreation(clock());
  return true;
}

/** What the schedule needs besides. */
export interface StartedRotationParts
  extends Omit<RotationScheduleParts, 'clock' | 'recordSigningKeyCreation'> {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'recordSigningKeyCreation'>;
}

/**
 * Looks every ten minutes, and now, whether the signing key is due.
 *
 * @returns ends it
 */
export function startRotation({ logger, metrics, ...parts }: StartedRotationParts): () => void {
  const look = async () => {
    try {
      if (
        await rotateIfDue({
          ...parts,
          clock: Date.now,
          recordSigningKeyCreation: metrics.recordSigningKeyCreation,
        })
      ) {
        logger.info('rotated the signing key');
      }
    } catch (err) {
      logger.error({ err }, 'the signing key could not be rotated; it signs on');
    }
  };
  const timer = setInterval(look, 600_000);
  timer.unref();
  void look();
  return () => clearInterval(timer);
}
