import { join, resolve } from 'node:path';
import type { Clock } from 'agent-identity-core';
import { authorityError } from '../../errors.js';
import type { AuthorityStore } from '../authority-store.js';
import { openingFailed } from '../opening-failed.js';
import type { CheckedStoreOptions } from '../require-store-options.js';
import { migrate } from '../sql/migrate.js';
import { openedSqlStore } from '../sql/opened-sql-store.js';
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
export async function openPgliteStore(
  path: string,
  { cipher, ...options }: CheckedStoreOptions,
  clock: Clock,
): Promise<AuthorityStore> {
  try {
    const database = await lockedDatabase(resolve(path), options);
    try {
      await database.exclusively((connection) => migrate(connection, clock()));
      return await openedSqlStore({ database, changes: storeChanges(), cipher });
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    throw openingFailed(error);
  }
}

/** A database that nobody else has open; closing it lets others in. */
async function lockedDatabase(
  folder: string,
  options: Pick<CheckedStoreOptions, 'timeoutMilliseconds' | 'onFailure'>,
): Promise<PgliteDatabase> {
  const lock = await lockFolder(join(folder, 'locks'));
  if (lock === undefined) {
    throw authorityError('store_in_use', 'another process has this PGlite folder open, and only one can');
  }
  try {
    const database = await openPgliteDatabase({ ...options, folder: await preparedFolder(folder) });
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
