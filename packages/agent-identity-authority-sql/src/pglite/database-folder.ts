import { access, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlError } from '../errors.js';
import { startPgliteThread } from './pglite-thread.js';

/** The limit of creating the files of a new database. */
const createTimeoutSeconds = 120;

/**
 * Returns the folder of the database within the folder of the store, and creates the database if there is none. It creates
 * the files in another folder and renames that when it is complete, so a crash leaves nothing that looks like a database.
 * Call it only while you hold the lock.
 *
 * @throws AgentIdentityError `store_not_ready` if something else is in its place
 */
export async function ensureDatabaseFolder(storeFolder: string): Promise<string> {
  const folder = join(storeFolder, 'database');
  if (await exists(join(folder, 'PG_VERSION'))) return folder;
  if (await exists(folder)) {
    throw sqlError('store_not_ready', 'the folder contains a folder named database, which is not a database');
  }
  await removeStaleFolders(storeFolder);
  const unfinished = await mkdtemp(join(storeFolder, 'unfinished-'));
  // In a separate thread, because creating a database needs several times the memory of using it.
  const thread = await startPgliteThread(unfinished, createTimeoutSeconds);
  await thread.close();
  await rename(unfinished, folder);
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function removeStaleFolders(storeFolder: string): Promise<void> {
  for (const name of await readdir(storeFolder)) {
    if (name.startsWith('unfinished-')) await rm(join(storeFolder, name), { recursive: true });
  }
}
