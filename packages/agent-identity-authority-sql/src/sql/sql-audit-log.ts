import type { AuditCheckpoint, AuditEntry, AuditEntryDraft, AuditStore } from 'agent-identity-authority-core';
import {
  type AuditRow,
  auditCursorSchema,
  nextAuditRow,
  readPageRequest,
  requireAuditLogQuery,
  toAuditEntry,
  toPage,
  verifyAuditRows,
} from 'agent-identity-authority-core/store';
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import { auditHead, auditLog } from './schema.js';
import type { SqlDatabase, SqlSession } from './sql-database.js';

/** Appends a row. It locks the head of the log until the transaction ends, so call it last if possible. */
export async function appendAuditRow(session: SqlSession, draft: AuditEntryDraft): Promise<AuditEntry> {
  const row = nextAuditRow(await lockAuditHead(session), draft);
  const { sequence, hash } = row;
  const inserted = session.$with('inserted').as(session.insert(auditLog).values(row).returning());
  await session.with(inserted).update(auditHead).set({ sequence, hash }).where(eq(auditHead.id, 1));
  return toAuditEntry(row);
}

/** Reads the head, and blocks other writers of the log until this transaction ends. */
export async function lockAuditHead(session: SqlSession): Promise<AuditCheckpoint> {
  return onlyHead(await selectHead(session).for('update'));
}

export function createSqlAuditLog(database: SqlDatabase): AuditStore {
  const head = () => database.read(async (session) => onlyHead(await selectHead(session)));
  return {
    appendAuditEntry: (draft) => database.transaction((session) => appendAuditRow(session, draft)),
    async listAuditEntries(query = {}) {
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
              after && isLater(auditLog.sequence, after[0]),
              agentRuntimeId === undefined ? undefined : eq(auditLog.agentRuntimeId, agentRuntimeId),
              action === undefined ? undefined : eq(auditLog.action, action),
            ),
          )
          .orderBy(direction(auditLog.sequence))
          .limit(limit + 1),
      );
      return toPage(rows.map(toAuditEntry), limit, ({ sequence }) => [sequence]);
    },
    auditHead: head,
    verifyAuditLog: (checkpoint) =>
      verifyAuditRows({ head, rowsAfter: (sequence) => rowsAfter(database, sequence) }, checkpoint),
  };
}

function rowsAfter(database: SqlDatabase, sequence: number | undefined): Promise<readonly AuditRow[]> {
  return database.read((session) =>
    session
      .select()
      .from(auditLog)
      .where(sequence === undefined ? undefined : gt(auditLog.sequence, sequence))
      .orderBy(asc(auditLog.sequence))
      .limit(500),
  );
}

function selectHead(session: SqlSession) {
  return session
    .select({ sequence: auditHead.sequence, hash: auditHead.hash })
    .from(auditHead)
    .where(eq(auditHead.id, 1));
}

function onlyHead([head]: readonly AuditCheckpoint[]): AuditCheckpoint {
  if (head === undefined) throw new Error('the audit log has no head: someone removed it');
  return head;
}
