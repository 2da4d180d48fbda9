import type { AuthorityStore } from 'agent-identity-authority-core';
import { countRows } from './count-rows.js';
import { auditCheckpoint } from './schema.js';
import { createSqlAuditLog } from './sql-audit-log.js';
import { createSqlEnrollment } from './sql-enrollment.js';
import { createSqlInstances } from './sql-instances.js';
import { createSqlRuntimes } from './sql-runtimes.js';
import { createSqlSigningKeys } from './sql-signing-keys.js';
import type { SqlStoreParts } from './sql-store-parts.js';
import { createSqlTasks } from './sql-tasks.js';

/**
 * Opens a store in a migrated database. It decrypts all keys first: a wrong master key fails at the start, and not
 * when the first JWT is issued. Closing the store closes the database.
 *
 * @throws AgentIdentityError `wrong_master_key`
 */
export async function openSqlStore(parts: SqlStoreParts): Promise<AuthorityStore> {
  const { database, changes } = parts;
  const store: AuthorityStore = {
    ...createSqlRuntimes(parts),
    ...createSqlEnrollment(parts),
    ...createSqlTasks(parts),
    ...createSqlInstances(parts),
    ...createSqlSigningKeys(parts),
    ...createSqlAuditLog(parts),
    async ping() {
      await database.read((session) => session.select().from(auditCheckpoint));
    },
    countRows: () => countRows(database),
    subscribe: changes.subscribe,
    close: () => database.close(),
  };
  await store.listSigningKeys();
  await store.auditLogKey();
  return store;
}
