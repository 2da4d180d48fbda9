import type { AuditCheckpoint } from 'agent-identity-authority-core';
import { storeChanges } from 'agent-identity-authority-core/store';
import { eq } from 'drizzle-orm';
import type { SigningKeyCipher } from '../encryption/signing-key-cipher.js';
import { sqlError } from '../errors.js';
import { openSqlStore } from '../sql/open-sql-store.js';
import { auditHead } from '../sql/schema.js';
import { sqlAuditLog } from '../sql/sql-audit-log.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import { copyRows } from './copy-rows.js';

/**
 * Copies one database into another one. The head of the audit log comes last: it says that the copy is whole.
 *
 * @throws AgentIdentityError `store_not_ready`, `wrong_master_key`
 */
export async function copyDatabase(
  from: SqlDatabase,
  to: SqlDatabase,
  { cipher }: { readonly cipher: SigningKeyCipher },
): Promise<AuditCheckpoint> {
  const opened = (database: SqlDatabase) => openSqlStore({ database, changes: storeChanges(), cipher });
  const original = await opened(from);
  const { intact, head } = await original.verifyAuditLog();
  if (!intact) throw notReady('the audit log of the original is broken; see what audit verify says');
  if ((await sqlAuditLog(to).auditHead()).sequence !== 0) {
    throw notReady('the store to copy into has been used already');
  }
  await copyRows(from, to);
  await to.transaction((session) => session.update(auditHead).set(head).where(eq(auditHead.id, 1)));
  const copied = await (await opened(to)).verifyAuditLog(head);
  const { sequence } = await original.auditHead();
  if (!copied.intact || sequence !== head.sequence) {
    throw notReady('the copy is not whole, because somebody used one of the stores meanwhile');
  }
  return head;
}

function notReady(message: string): Error {
  return sqlError('store_not_ready', message);
}
