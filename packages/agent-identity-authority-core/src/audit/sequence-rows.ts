import { type EncodableAuditEntry, encodeStoredEntry } from '../log/audit-entry-encoding.js';
import { extendLog, type LogEdge, logRootHash } from '../log/log-edge.js';
import { auditLeafHash } from '../log/merkle-hash.js';
import type { LogTile } from '../log/tiles.js';
import type { AuditRow } from './audit-row.js';
import type { SignAuditLog, StoredCheckpoint } from './audit-store.js';

/** What a store writes to give rows their places. */
export interface SequencedRows {
  readonly rows: readonly AuditRow[];
  readonly tiles: readonly LogTile[];
  readonly checkpoint: StoredCheckpoint;
  readonly edge: LogEdge;
}

/**
 * Gives rows the next places of a log.
 *
 * @example
 * ```ts
 * import { emptyLogEdge, sequenceRows, toPendingAuditRow } from 'agent-identity-authority-core/store';
 *
 * const row = toPendingAuditRow({ at: 1_776_902_400_000, actor: 'operator:alice', action: 'custom_log_exported' });
 * const { rows, checkpoint } = sequenceRows(emptyLogEdge, [row], ({ size }) => `a signed note for ${size} entries`);
 * // rows[0].index === 0, and checkpoint.size === 1
 * ```
 */
export function sequenceRows(
  edge: LogEdge,
  pending: readonly EncodableAuditEntry[],
  sign: SignAuditLog,
): SequencedRows {
  const leafHashes = pending.map((row) => auditLeafHash(encodeStoredEntry(row)));
  const extended = extendLog(edge, leafHashes);
  const state = { size: extended.edge.size, rootHash: logRootHash(extended.edge) };
  return {
    rows: pending.map((row, i) => ({ ...row, index: edge.size + i })),
    tiles: extended.tiles,
    checkpoint: { ...state, note: sign(state) },
    edge: extended.edge,
  };
}
