import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import type { AuditCheckpoint, AuditEntry, AuditEntryDraft } from '../../audit/audit-entry.js';
import type { AuditRow } from '../../audit/audit-entry-hash.js';
import { auditEntryOf, nextAuditRow } from '../../audit/next-audit-row.js';
import { verifyAuditRows } from '../../audit/verify-audit-rows.js';
import { pageOf, pageStart } from '../page-cursor.js';
import type { AuditLogMethods } from '../store-parts.js';
import { auditPlaceSchema } from '../store-places.js';
import { auditHead, auditLog } from './schema.js';
import type { SqlDatabase, SqlSession } from './sql-database.js';

/**
 * Puts a row behind the others. It holds the head of the log locked until the transaction ends, so it comes last where
 * it can.
 */
export async function appendAuditRow(session: SqlSession, draft: AuditEntryDraft): Promise<AuditEntry> {
  const row = nextAuditRow(await lockAuditHead(session), draft);
  const { sequence, hash } = row;
  const inserted = session.$with('inserted').as(session.insert(auditLog).values(row).returning());
  await session.with(inserted).update(auditHead).set({ sequence, hash }).where(eq(auditHead.id, 1));
  return auditEntryOf(row);
}

/** Reads the head, and lets no other transaction write to the log until this one ends. */
export async function lockAuditHead(session: SqlSession): Promise<AuditCheckpoint> {
  return onlyHead(await selectHead(session).for('update'));
}

export function sqlAuditLog(database: SqlDatabase): AuditLogMethods {
  const head = () => database.read(async (session) => onlyHead(await selectHead(session)));
  return {
    appendAuditEntry: (draft) => database.transaction((session) => appendAuditRow(session, draft)),
    async listAuditEntries({ agentRuntimeId, action, order = 'oldest_first', ...page } = {}) {
      const { after, limit } = pageStart(page, auditPlaceSchema);
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
      return pageOf(rows.map(auditEntryOf), limit, ({ sequence }) => [sequence]);
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
  if (head === undefined) throw new Error('the audit log has no head: somebody has removed it');
  return head;
}
