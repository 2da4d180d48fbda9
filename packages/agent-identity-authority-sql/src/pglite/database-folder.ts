import { access, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sqlError } from '../errors.js';
import { startPgliteThread } from './pglite-thread.js';

/** How long it may take to make the files of a new database. */
const preparingMilliseconds = 120_000;

/**
 * The folder of the database within that of the store. A new one is made beside its place and put there when it is whole,
 * so that a crash meanwhile leaves nothing that looks like a database. Only for whoever holds the lock.
 *
 * @throws AgentIdentityError `store_not_ready` if something else is in its place
 */
export async function ensureDatabaseFolder(storeFolder: string): Promise<string> {
  const folder = join(storeFolder, 'database');
  if (await isThere(join(folder, 'PG_VERSION'))) return folder;
  if (await isThere(folder)) {
    throw sqlError('store_not_ready', 'the folder holds a folder named database, which is no database');
  }
  await removeStaleFolders(storeFolder);
  const unfinished = await mkdtemp(join(storeFolder, 'unfinished-'));
  // In a thread of its own, because making a database takes several times the memory of using it.
  const thread = await startPgliteThread(unfinished, preparingMilliseconds);
  await thread.close();
  await rename(unfinished, folder);
  return folder;
}

async function isThere(path: string): Promise<boolean> {
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
