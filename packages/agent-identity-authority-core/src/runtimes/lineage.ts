import type { EpochMilliseconds } from '../instant.js';

/** How many runtimes one may descend from. */
export const maxLineage = 4;

/** How many descendants of one root may act at a time. */
export const maxDescendants = 1000;

/** So that a node whose clock is behind does not take a runtime for active that was left out of a change. */
const clockDifferenceMilliseconds = 3_600_000;

/**
 * The time after which a runtime must expire to be changed with its lineage. One that has expired before can never act again, and
 * neither can its descendants, so they are left alone.
 *
 * @example
 * ```ts
 * import { expiresAfter } from 'agent-identity-authority-core/store';
 *
 * const isLeftAlone = (expiresAt: number, now: number) => expiresAt <= expiresAfter(now);
 * ```
 */
export function expiresAfter(now: EpochMilliseconds): EpochMilliseconds {
  return now - clockDifferenceMilliseconds;
}

/**
 * When a runtime was suspended: the earliest time at which it or one of its lineage was suspended by itself.
 *
 * @param ownSuspendedAt When a runtime was suspended by itself.
 * @example
 * ```ts
 * import { suspendedAtOf } from 'agent-identity-authority-core/store';
 *
 * const ownSuspendedAt = (id: string) => (id === 'agent-1' ? 5 : null);
 * suspendedAtOf({ agentRuntimeId: 'agent-2', lineage: ['agent-1'] }, ownSuspendedAt); // 5
 * ```
 */
export function suspendedAtOf(
  { agentRuntimeId, lineage }: { readonly agentRuntimeId: string; readonly lineage: readonly string[] },
  ownSuspendedAt: (agentRuntimeId: string) => EpochMilliseconds | null,
): EpochMilliseconds | null {
  const times = [...lineage, agentRuntimeId].map(ownSuspendedAt).filter((time) => time !== null);
  return times.length === 0 ? null : Math.min(...times);
}
