import { type AuthorityStore, type StoredCheckpoint, verifyAuditLog } from 'agent-identity-authority-core';
import { createStoreChanges } from 'agent-identity-authority-core/store';
import { eq } from 'drizzle-orm';
import type { KeyCipher } from '../encryption/key-cipher.js';
import { sqlError } from '../errors.js';
import { openSqlStore } from '../sql/open-sql-store.js';
import { auditCheckpoint } from '../sql/schema.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import { copyRows } from './copy-rows.js';

/**
 * Copies one database into another. It writes the checkpoint of the audit log last: that marks the copy as complete.
 *
 * @throws AgentIdentityError `store_not_ready`, `wrong_master_key`
 */
export async function copyDatabase(
  from: SqlDatabase,
  to: SqlDatabase,
  { cipher }: { readonly cipher: KeyCipher },
): Promise<StoredCheckpoint | undefined> {
  const open = (database: SqlDatabase) => openSqlStore({ database, changes: createStoreChanges(), cipher });
  const original = await open(from);
  if (!(await verifyAuditLog(original)).intact) {
    throw notReady('the audit log of the original is broken; run audit verify for details');
  }
  const checkpoint = await original.auditCheckpoint();
  await requireUnused(await open(to), original);
  await copyRows(from, to);
  if (checkpoint !== undefined) {
    await to.transaction((session) =>
      session.update(auditCheckpoint).set(checkpoint).where(eq(auditCheckpoint.id, 1)),
    );
  }
  const copied = await verifyAuditLog(await open(to), { checkpoint: checkpoint?.note });
  const now = await original.auditCheckpoint();
  if (!copied.intact || now?.note !== checkpoint?.note) {
    throw notReady('the copy is incomplete, because one of the stores was used during the copy');
  }
  return checkpoint;
}

/** An interrupted copy has the key of the original, and no checkpoint. */
async function requireUnused(target: AuthorityStore, original: AuthorityStore): Promise<void> {
  const [key, originalKey] = [await target.auditLogKey(), await original.auditLogKey()];
  const isOther = key !== undefined && key.origin !== originalKey?.origin;
  if (isOther || (await target.auditCheckpoint()) !== undefined) {
    throw notReady('the target store has been used already');
  }
}

function notReady(message: string): Error {
  return sqlError('store_not_ready', message);
}
