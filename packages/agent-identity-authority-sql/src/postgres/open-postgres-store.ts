import type { AuthorityStore } from 'agent-identity-authority-core';
import { storeChanges } from 'agent-identity-authority-core/store';
import { openSqlStore } from '../sql/open-sql-store.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import type { CheckedStoreOptions } from '../store-options.js';
import { toOpenError } from '../to-open-error.js';
import { migratePostgres } from './migrate-postgres.js';
import { postgresDatabase } from './postgres-database.js';
import { listenForChanges } from './postgres-listener.js';

/**
 * Opens a store on a Postgres server, which any number of nodes can share. The server must answer now; later it may go
 * and come back.
 *
 * @param url `postgres://user:password@host:port/database?…`. **Holds a secret**; never part of an error.
 * @throws AgentIdentityError `store_not_ready`, `wrong_master_key`, `store_unavailable`
 */
export async function openPostgresStore(url: string, options: CheckedStoreOptions): Promise<AuthorityStore> {
  const database = await openMigratedPostgres(url, options);
  const changes = storeChanges();
  const listener = await listenForChanges({ ...options, url, notify: changes.notify });
  const close = async () => {
    await Promise.all([listener.close(), database.close()]);
  };
  try {
    return await openSqlStore({ database: { ...database, close }, changes, cipher: options.cipher });
  } catch (error) {
    await close();
    throw toOpenError(error);
  }
}

/**
 * The database of such a store.
 *
 * @throws AgentIdentityError `store_not_ready`, `store_unavailable`
 */
export async function openMigratedPostgres(url: string, options: CheckedStoreOptions): Promise<SqlDatabase> {
  const address = { ...options, url };
  try {
    const { canNotify } = await migratePostgres(address, options.clock());
    return postgresDatabase({ ...address, canNotify });
  } catch (error) {
    throw toOpenError(error);
  }
}
