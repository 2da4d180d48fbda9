import type {
  AuditEntryDraft,
  AuditLogPosition,
  AuditStore,
  StoredCheckpoint,
} from 'agent-identity-authority-core';
import {
  auditCursorSchema,
  auditedChange,
  encodeStoredEntry,
  readPageRequest,
  requireAuditLogQuery,
  requirePrunable,
  toAuditEntry,
  toPage,
  toPendingAuditRow,
} from 'agent-identity-authority-core/store';
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { KeyCipher } from '../encryption/key-cipher.js';
import { selectRaw, toEntryRow } from './raw-rows.js';
import { auditCheckpoint, auditLog, auditPending, auditTiles, type PendingAuditRow } from './schema.js';
import { sequencePendingEntries } from './sequence-pending-entries.js';
import { createSqlAuditLogKeys } from './sql-audit-log-keys.js';
import type { SqlDatabase, SqlSession } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

/** Creates the row of an entry that waits for its place in the log. */
export function toSealedRow(cipher: KeyCipher, draft: AuditEntryDraft): PendingAuditRow {
  const row = toPendingAuditRow(draft);
  return { ...row, mac: cipher.sealEntry(encodeStoredEntry(row)) };
}

/** Adds the entry of a change to its transaction. */
export async function appendAuditEntry(
  { cipher }: Pick<SqlStoreParts, 'cipher'>,
  session: SqlSession,
  draft: AuditEntryDraft,
): Promise<void> {
  await session.insert(auditPending).values(toSealedRow(cipher, draft));
}

/** Adds the entries of a change of many rows to its transaction. */
export async function appendAuditEntries(
  { cipher }: Pick<SqlStoreParts, 'cipher'>,
  session: SqlSession,
  drafts: readonly AuditEntryDraft[],
): Promise<void> {
  for (let first = 0; first < drafts.length; first += rowsPerInsert) {
    const batch = drafts.slice(first, first + rowsPerInsert);
    await session.insert(auditPending).values(batch.map((draft) => toSealedRow(cipher, draft)));
  }
}

/** A statement has at most 65,535 parameters. */
const rowsPerInsert = 1000;

export function createSqlAuditLog(parts: SqlStoreParts): AuditStore {
  const { database } = parts;
  return {
    appendAuditEntry: (draft) =>
      transactAndNotify(parts, (session) => appendAuditEntry(parts, session, draft)),
    sequenceAuditEntries: (sign) => sequencePendingEntries(parts, sign),
    listAuditEntries: (query) => listAuditEntries(database, query),
    readAuditRows: (...args) => database.read((session) => readAuditRows(session, ...args)),
    auditLogPosition: () => database.read(readPosition),
    pruneAuditEntries: (...args) => pruneAuditEntries(parts, ...args),
    async readAuditTile(level, index) {
      const matches = and(eq(auditTiles.level, level), eq(auditTiles.tileIndex, index));
      const [tile] = await database.read((session) => session.select().from(auditTiles).where(matches));
      return tile?.hashes;
    },
    auditCheckpoint: () => database.read(readCheckpoint),
    ...createSqlAuditLogKeys(parts),
  };
}

async function readAuditRows(
  session: SqlSession,
  ...[firstIndex, limit, actions]: Parameters<AuditStore['readAuditRows']>
): ReturnType<AuditStore['readAuditRows']> {
  const isWanted = actions === undefined ? sql`true` : sql`action = any(${sql.param(actions)}::text[])`;
  const rows = await selectRaw(
    session,
    sql`select id, at, actor, action, agent_runtime_id, task_id, details, log_index
      from ${auditLog} where log_index >= ${firstIndex} and ${isWanted} order by log_index limit ${limit}`,
  );
  return rows.map((row) => ({ ...toEntryRow(row), index: Number(row[7]) }));
}

/** One statement, so that both members are of one moment. */
async function readPosition(session: SqlSession): Promise<AuditLogPosition> {
  const [row] = await selectRaw(
    session,
    sql`select (select size from ${auditCheckpoint}), (select min(id) from ${auditPending})`,
  );
  const [size, nextWaiting] = row ?? [];
  return { size: Number(size ?? 0), nextWaiting: typeof nextWaiting === 'string' ? nextWaiting : undefined };
}

async function readCheckpoint(session: SqlSession): Promise<StoredCheckpoint | undefined> {
  const [row] = await session.select().from(auditCheckpoint);
  if (row === undefined || row.size === 0) return undefined;
  const { id: _, ...checkpoint } = row;
  return checkpoint;
}

async function pruneAuditEntries(
  parts: SqlStoreParts,
  ...[below, at, origin]: Parameters<AuditStore['pruneAuditEntries']>
): Promise<number> {
  return transactAndNotify(parts, async (session) => {
    requirePrunable(below, await readCheckpoint(session));
    const removed = await session
      .delete(auditLog)
      .where(lt(auditLog.index, below))
      .returning({ index: auditLog.index });
    if (removed.length > 0) {
      await appendAuditEntry(parts, session, auditedChange.auditLogPruned(below, at, origin));
    }
    return removed.length;
  });
}

async function listAuditEntries(
  database: SqlDatabase,
  query: Parameters<AuditStore['listAuditEntries']>[0] = {},
): ReturnType<AuditStore['listAuditEntries']> {
  requireAuditLogQuery(query);
  const { agentRuntimeId, action, order = 'oldest_first', ...page } = query;
  const { after, limit } = readPageRequest(page, auditCursorSchema);
  const [direction, isLater] = order === 'oldest_first' ? [asc, gt] : [desc, lt];
  const rows = await database.read((session) =>
    session
      .select()
      .from(auditLog)
      .where(
        and(
          after && isLater(auditLog.index, after[0]),
          agentRuntimeId === undefined ? undefined : eq(auditLog.agentRuntimeId, agentRuntimeId),
          action === undefined ? undefined : eq(auditLog.action, action),
        ),
      )
      .orderBy(direction(auditLog.index))
      .limit(limit + 1),
  );
  return toPage(rows.map(toAuditEntry), limit, ({ index }) => [index]);
}
