import { join, resolve } from 'node:path';
import type { AuthorityStore } from 'agent-identity-authority-core';
import { storeChanges } from 'agent-identity-authority-core/store';
import { sqlError } from '../errors.js';
import { migrate } from '../sql/migrate.js';
import { openSqlStore } from '../sql/open-sql-store.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import type { CheckedStoreOptions } from '../store-options.js';
import { toOpenError } from '../to-open-error.js';
import { ensureDatabaseFolder } from './database-folder.js';
import { lockFolder } from './folder-lock.js';
import { openPgliteDatabase, type PgliteDatabase } from './pglite-database.js';

/**
 * Opens a store in a folder of this machine, by PGlite: Postgres within this process. The folder is made if it is not
 * there; one process at a time can have it open.
 *
 * @throws AgentIdentityError `store_in_use`, `store_not_ready`, `wrong_master_key`, `store_unavailable`
 */
export async function openPgliteStore(path: string, options: CheckedStoreOptions): Promise<AuthorityStore> {
  const database = await openMigratedPglite(path, options);
  try {
    return await openSqlStore({ database, changes: storeChanges(), cipher: options.cipher });
  } catch (error) {
    await database.close();
    throw toOpenError(error);
  }
}

/**
 * The database of such a store, which nobody else has open; closing it lets others in.
 *
 * @throws AgentIdentityError `store_in_use`, `store_not_ready`, `store_unavailable`
 */
export async function openMigratedPglite(path: string, options: CheckedStoreOptions): Promise<SqlDatabase> {
  try {
    const database = await lockedDatabase(resolve(path), options);
    try {
      await database.exclusively((connection) => migrate(connection, options.clock()));
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    throw toOpenError(error);
  }
}

async function lockedDatabase(
  folder: string,
  { timeoutMilliseconds, onFailure }: CheckedStoreOptions,
): Promise<PgliteDatabase> {
  const lock = await lockFolder(join(folder, 'locks'));
  if (lock === undefined) {
    throw sqlError('store_in_use', 'another process has this PGlite folder open, and only one can');
  }
  try {
    const database = await openPgliteDatabase({
      folder: await ensureDatabaseFolder(folder),
      timeoutMilliseconds,
      onFailure,
    });
    return {
      ...database,
      async close() {
        await database.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
