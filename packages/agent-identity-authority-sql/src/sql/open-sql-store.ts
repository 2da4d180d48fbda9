import type { AuthorityStore } from 'agent-identity-authority-core';
import { auditHead } from './schema.js';
import { sqlAuditLog } from './sql-audit-log.js';
import { sqlRuntimes } from './sql-runtimes.js';
import { sqlSigningKeys } from './sql-signing-keys.js';
import type { SqlStoreParts } from './sql-store-parts.js';
import { sqlTasks } from './sql-tasks.js';

/** A store in a database that has been migrated. Closing it closes the database. */
function sqlStore(parts: SqlStoreParts): AuthorityStore {
  const { database, changes } = parts;
  return {
    ...sqlRuntimes(parts),
    ...sqlTasks(parts),
    ...sqlSigningKeys(parts),
    ...sqlAuditLog(database),
    async ping() {
      await database.read((session) => session.select().from(auditHead));
    },
    subscribe: changes.subscribe,
    close: () => database.close(),
  };
}

/**
 * A store in a database that has been migrated, if all its signing keys open: a wrong master key shows at the start, and
 * not when the first JWT is issued.
 *
 * @throws AgentIdentityError `wrong_master_key`
 */
export async function openSqlStore(parts: SqlStoreParts): Promise<AuthorityStore> {
  const store = sqlStore(parts);
  await store.listSigningKeys();
  return store;
}
