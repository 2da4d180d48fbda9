import { emptyLogEdge } from '../log/log-edge.js';
import type { MemoryTables } from '../store/memory-tables.js';
import { auditCursorSchema, type Page, readPageRequest, toPage } from '../store/pagination.js';
import type { AuditEntry, AuditEntryDraft } from './audit-entry.js';
import { type AuditRow, toAuditEntry, toPendingAuditRow } from './audit-row.js';
import { type AuditLogQuery, type AuditStore, requireAuditLogQuery, requirePrunable } from './audit-store.js';
import { auditedChange } from './audited-changes.js';
import { sequenceRows } from './sequence-rows.js';

/** Appends an entry, or throws before anything has changed. */
export function appendInMemory({ auditLog }: MemoryTables, draft: AuditEntryDraft): void {
  auditLog.pending.push(toPendingAuditRow(draft));
}

/** Creates the audit log of a memory store. */
export function createMemoryAuditLog(tables: MemoryTables): AuditStore {
  const { auditLog } = tables;
  return {
    appendAuditEntry: async (entry) => appendInMemory(tables, entry),
    async sequenceAuditEntries(sign) {
      if (auditLog.pending.length === 0) return { count: 0, areMoreWaiting: false };
      const { rows, tiles, checkpoint, edge } = sequenceRows(
        auditLog.edge ?? emptyLogEdge,
        auditLog.pending,
        sign,
      );
      for (const { level, index, hashes } of tiles) auditLog.tiles.set(`${level}/${index}`, hashes);
      auditLog.rows.push(...rows);
      auditLog.pending.length = 0;
      Object.assign(auditLog, { checkpoint, edge });
      return { count: rows.length, areMoreWaiting: false };
    },
    listAuditEntries: async (query) => listInMemory(tables, query),
    async readAuditRows(firstIndex, limit, actions) {
      const isWanted = ({ action }: AuditRow) => actions?.some((wanted) => wanted === action) ?? true;
      const start = Math.max(firstIndex - (auditLog.rows[0]?.index ?? 0), 0);
      return auditLog.rows.slice(start).filter(isWanted).slice(0, limit);
    },
    auditLogPosition: async () => ({
      size: auditLog.edge?.size ?? 0,
      nextWaiting: auditLog.pending[0]?.id,
    }),
    async pruneAuditEntries(below, at, origin) {
      requirePrunable(below, auditLog.checkpoint);
      const kept = auditLog.rows.filter(({ index }) => index >= below);
      const removed = auditLog.rows.length - kept.length;
      if (removed > 0) appendInMemory(tables, auditedChange.auditLogPruned(below, at, origin));
      auditLog.rows.splice(0, removed);
      return removed;
    },
    readAuditTile: async (level, index) => auditLog.tiles.get(`${level}/${index}`),
    auditCheckpoint: async () => auditLog.checkpoint,
    auditLogKey: async () => auditLog.key,
    async addAuditLogKey(key) {
      auditLog.key ??= key;
    },
  };
}

function listInMemory({ auditLog }: MemoryTables, query: AuditLogQuery = {}): Page<AuditEntry> {
  requireAuditLogQuery(query);
  const { agentRuntimeId, action, order = 'oldest_first', ...page } = query;
  const { after, limit } = readPageRequest(page, auditCursorSchema);
  const rows = order === 'oldest_first' ? auditLog.rows : auditLog.rows.toReversed();
  const isLater = ({ index }: { readonly index: number }) =>
    after === undefined || (order === 'oldest_first' ? index > after[0] : index < after[0]);
  const matching = rows.filter(
    (row) =>
      isLater(row) &&
      (agentRuntimeId === undefined || row.agentRuntimeId === agentRuntimeId) &&
      (action === undefined || row.action === action),
  );
  return toPage(matching.map(toAuditEntry), limit, ({ index }) => [index]);
}
