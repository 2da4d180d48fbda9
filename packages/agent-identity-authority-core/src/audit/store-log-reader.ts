import { authorityError } from '../errors.js';
import { encodeStoredEntry } from '../log/audit-entry-encoding.js';
import type { LogReader } from '../log/log-reader.js';
import type { AuditStore } from './audit-store.js';

/**
 * Reads the log of a store as a static log.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'agent-identity-authority-core';
 * import { storeLogReader } from 'agent-identity-authority-core/store';
 *
 * const note = await storeLogReader(memoryStore()).readCheckpoint();
 * ```
 */
export function storeLogReader(store: AuditStore): LogReader {
  return {
    readCheckpoint: async () => (await store.auditCheckpoint())?.note,
    async readTile(level, index) {
      const hashes = await store.readAuditTile(level, index);
      if (hashes === undefined)
        throw authorityError('invalid_log_proof', `the log has no tile ${level}/${index}`);
      return hashes;
    },
    async readEntries(firstIndex, count) {
      const rows = await store.readAuditRows(firstIndex, count);
      const isComplete = rows.length === count && rows.every(({ index }, i) => index === firstIndex + i);
      if (!isComplete) {
        throw authorityError(
          'invalid_log_proof',
          `the entries after ${firstIndex} are missing, or were pruned`,
        );
      }
      return rows.map(encodeStoredEntry);
    },
  };
}
