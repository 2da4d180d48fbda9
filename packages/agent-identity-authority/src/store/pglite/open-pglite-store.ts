import { join, resolve } from 'node:path';
import { authorityError } from '../../errors.js';
import type { AuthorityStore } from '../authority-store.js';
import { openingFailed } from '../opening-failed.js';
import type { CheckedStoreOptions } from '../require-store-options.js';
import { migrate } from '../sql/migrate.js';
import { openedSqlStore } from '../sql/opened-sql-store.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import { storeChanges } from '../store-changes.js';
import { lockFolder } from './folder-lock.js';
import { openPgliteDatabase, type PgliteDatabase } from './pglite-database.js';
import { preparedFolder } from './prepared-folder.js';

/**
 * Opens a store in a folder of this machine, by PGlite: Postgres within this process. The folder is made if it is not
 * there; one process at a time can have it open.
 *
 * @throws AgentIdentityError `store_in_use`, `store_not_ready`, `wrong_master_key`, `store_unavailable`
 */
export async function openPgliteStore(path: string, options: CheckedStoreOptions): Promise<AuthorityStore> {
  const database = await openMigratedPglite(path, options);
  try {
    return await openedSqlStore({ database, changes: storeChanges(), cipher: options.cipher });
  } catch (error) {
    await database.close();
    throw openingFailed(error);
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
    throw openingFailed(error);
  }
}

async function lockedDatabase(
  folder: string,
  { timeoutMilliseconds, onFailure }: CheckedStoreOptions,
): Promise<PgliteDatabase> {
  const lock = await lockFolder(join(folder, 'locks'));
  if (lock === undefined) {
    throw authorityError('store_in_use', 'another process has this PGlite folder open, and only one can');
  }
  try {
    const database = await openPgliteDatabase({
      folder: await preparedFolder(folder),
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
