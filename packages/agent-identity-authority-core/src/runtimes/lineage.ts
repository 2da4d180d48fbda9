import type { EpochMilliseconds } from '../instant.js';

/** How many runtimes one may descend from. */
export const maxLineage = 4;

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
