import type { AuthorityStore } from '../authority-store.js';
import { sqlStore } from './sql-store.js';
import type { SqlStoreParts } from './sql-store-parts.js';

/**
 * A store in a database that has been migrated, if all its signing keys open: a wrong master key shows at the start, and
 * not when the first JWT is issued.
 *
 * @throws AgentIdentityError `wrong_master_key`
 */
export async function openedSqlStore(parts: SqlStoreParts): Promise<AuthorityStore> {
  const store = sqlStore(parts);
  await store.listSigningKeys();
  return store;
}
