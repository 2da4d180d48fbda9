import { join, resolve } from 'node:path';
import type { AuthorityStore } from 'agent-identity-authority-core';
import { createStoreChanges } from 'agent-identity-authority-core/store';
import { sqlError } from '../errors.js';
import type { ResolvedStoreOptions } from '../open-store-options.js';
import { migrate, migrationTimeoutSeconds, readSchemaVersion } from '../sql/migrate.js';
import { openSqlStore } from '../sql/open-sql-store.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import { toOpenError } from '../sql/to-open-error.js';
import { ensureDatabaseFolder, hasDatabase } from './database-folder.js';
import { lockFolder } from './folder-lock.js';
import { openPgliteDatabase, type PgliteDatabase } from './pglite-database.js';

/**
 * Opens a store in a local folder with PGlite: Postgres within this process. Creates the folder if needed. Only one process
 * at a time can open it.
 *
 * @throws AgentIdentityError `store_in_use`, `store_not_ready`, `wrong_master_key`, `store_unavailable`
 */
export async function openPgliteStore(path: string, options: ResolvedStoreOptions): Promise<AuthorityStore> {
  const database = await openMigratedPglite(path, options);
  try {
    return await openSqlStore({ database, changes: createStoreChanges(), cipher: options.cipher });
  } catch (error) {
    await database.close();
    throw toOpenError(error, `the PGlite folder ${path}`);
  }
}

/**
 * Opens the locked and migrated database of a store. Closing it releases the lock.
 *
 * @throws AgentIdentityError `store_in_use`, `store_not_ready`, `store_unavailable`
 */
export async function openMigratedPglite(path: string, options: ResolvedStoreOptions): Promise<SqlDatabase> {
  try {
    const database = await openLockedDatabase(resolve(path), options);
    try {
      await database.runExclusively(
        (connection) => migrate(connection, options.clock()),
        migrationTimeoutSeconds,
      );
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    throw toOpenError(error, `the PGlite folder ${path}`);
  }
}

/**
 * Reads the schema version of a store, and migrates nothing.
 *
 * @throws AgentIdentityError `store_in_use`, `store_not_ready`, `store_unavailable`
 */
export async function readPgliteSchemaVersion(path: string, options: ResolvedStoreOptions): Promise<number> {
  try {
    const database = await openLockedDatabase(resolve(path), { ...options, ifMissing: 'refuse' });
    try {
      return await database.runExclusively(readSchemaVersion, options.timeoutSeconds);
    } finally {
      await database.close();
    }
  } catch (error) {
    throw toOpenError(error, `the PGlite folder ${path}`);
  }
}

async function openLockedDatabase(
  folder: string,
  { timeoutSeconds, onFailure, onCreate, ifMissing }: ResolvedStoreOptions,
): Promise<PgliteDatabase> {
  if (ifMissing === 'refuse' && !(await hasDatabase(folder))) {
    throw sqlError('store_not_ready', `there is no store in the folder ${folder}`);
  }
  const lock = await lockFolder(join(folder, 'locks'));
  if (lock === undefined) {
    throw sqlError('store_in_use', 'another process has this PGlite folder open; only one process can');
  }
  try {
    const database = await openPgliteDatabase({
      folder: await ensureDatabaseFolder(folder, onCreate),
      timeoutSeconds,
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
