import type { AuditStore } from 'agent-identity-authority-core';
import { eq, ne } from 'drizzle-orm';
import { auditLogKeys } from './schema.js';
import type { SqlSession } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

/** Creates the methods for the key of the audit log. The log has one key, for ever. */
export function createSqlAuditLogKeys(
  parts: SqlStoreParts,
): Pick<AuditStore, 'auditLogKey' | 'addAuditLogKey'> {
  const { database, cipher } = parts;
  return {
    async auditLogKey() {
      const [row] = await database.read((session) => session.select().from(auditLogKeys));
      if (row === undefined) return undefined;
      const { origin, createdAt } = row;
      return { origin, createdAt, privateKey: cipher.decryptAuditLogKey(row) };
    },
    async addAuditLogKey({ privateKey, ...key }) {
      const row = { ...key, position: 1 };
      await transactAndNotify(parts, (session) =>
        session
          .insert(auditLogKeys)
          .values({ ...row, ...cipher.encryptAuditLogKey(row, privateKey) })
          .onConflictDoNothing(),
      );
    },
  };
}

/** Encrypts the key of the log with the current master key, if another one has encrypted it. */
export async function encryptStaleAuditLogKey(
  { cipher }: Pick<SqlStoreParts, 'cipher'>,
  session: SqlSession,
): Promise<void> {
  const rows = await session
    .select()
    .from(auditLogKeys)
    .where(ne(auditLogKeys.masterKeyId, cipher.masterKeyId));
  for (const row of rows) {
    const encrypted = cipher.encryptAuditLogKey(row, cipher.decryptAuditLogKey(row));
    await session.update(auditLogKeys).set(encrypted).where(eq(auditLogKeys.origin, row.origin));
  }
}
