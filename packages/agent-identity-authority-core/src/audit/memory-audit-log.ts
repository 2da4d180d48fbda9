import type { MemoryTables } from '../store/memory-tables.js';
import { auditCursorSchema, readPageRequest, toPage } from '../store/pagination.js';
import type { AuditEntry, AuditEntryDraft } from './audit-entry.js';
import { genesisHash } from './audit-entry-hash.js';
import { type AuditStore, requireAuditLogQuery } from './audit-store.js';
import { nextAuditRow, toAuditEntry } from './next-audit-row.js';
import { verifyAuditRows } from './verify-audit-rows.js';

/** Appends a row, or throws before anything has changed. */
export function appendInMemory({ auditRows }: MemoryTables, draft: AuditEntryDraft): AuditEntry {
  const row = nextAuditRow(memoryHead(auditRows), draft);
  auditRows.push(row);
  return toAuditEntry(row);
}

export function createMemoryAuditLog(tables: MemoryTables): AuditStore {
  const { auditRows } = tables;
  return {
    appendAuditEntry: async (entry) => appendInMemory(tables, entry),
    async listAuditEntries(query = {}) {
      requireAuditLogQuery(query);
      const { agentRuntimeId, action, order = 'oldest_first', ...page } = query;
      const { after, limit } = readPageRequest(page, auditCursorSchema);
      const rows = order === 'oldest_first' ? auditRows : auditRows.toReversed();
      const isLater = ({ sequence }: { readonly sequence: number }) =>
        after === undefined || (order === 'oldest_first' ? sequence > after[0] : sequence < after[0]);
      const matching = rows.filter(
        (row) =>
          isLater(row) &&
          (agentRuntimeId === undefined || row.agentRuntimeId === agentRuntimeId) &&
          (action === undefined || row.action === action),
      );
      return toPage(matching.map(toAuditEntry), limit, ({ sequence }) => [sequence]);
    },
    auditHead: async () => memoryHead(auditRows),
    verifyAuditLog: (checkpoint) =>
      verifyAuditRows(
        {
          head: async () => memoryHead(auditRows),
          rowsAfter: async (sequence = 0) => auditRows.slice(sequence),
        },
        checkpoint,
      ),
  };
}

function memoryHead(rows: MemoryTables['auditRows']) {
  const { sequence, hash } = rows.at(-1) ?? { sequence: 0, hash: genesisHash };
  return { sequence, hash };
}
