import type { AuditCheckpoint } from 'agent-identity-authority-core';
import { createStoreChanges } from 'agent-identity-authority-core/store';
import { eq } from 'drizzle-orm';
import type { SigningKeyCipher } from '../encryption/signing-key-cipher.js';
import { sqlError } from '../errors.js';
import { openSqlStore } from '../sql/open-sql-store.js';
import { auditHead } from '../sql/schema.js';
import { createSqlAuditLog } from '../sql/sql-audit-log.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import { copyRows } from './copy-rows.js';

/**
 * Copies one database into another. It writes the head of the audit log last: the head marks the copy as complete.
 *
 * @throws AgentIdentityError `store_not_ready`, `wrong_master_key`
 */
export async function copyDatabase(
  from: SqlDatabase,
  to: SqlDatabase,
  { cipher }: { readonly cipher: SigningKeyCipher },
): Promise<AuditCheckpoint> {
  const open = (database: SqlDatabase) => openSqlStore({ database, changes: createStoreChanges(), cipher });
  const original = await open(from);
  const { intact, head } = await original.verifyAuditLog();
  if (!intact) throw notReady('the audit log of the original is broken; run audit verify for details');
  if ((await createSqlAuditLog(to).auditHead()).sequence !== 0) {
    throw notReady('the target store has been used already');
  }
  await copyRows(from, to);
  await to.transaction((session) => session.update(auditHead).set(head).where(eq(auditHead.id, 1)));
  const copied = await (await open(to)).verifyAuditLog(head);
  const { sequence } = await original.auditHead();
  if (!copied.intact || sequence !== head.sequence) {
    throw notReady('the copy is incomplete, because one of the stores was used during the copy');
  }
  return head;
}

function notReady(message: string): Error {
  return sqlError('store_not_ready', message);
}
