import { access, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
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
 * @param onCreate Called before it creates a database, which takes a second or more.
 * @throws AgentIdentityError `store_not_ready` if something else is in its place
 */
export async function ensureDatabaseFolder(storeFolder: string, onCreate: () => void): Promise<string> {
  const folder = join(storeFolder, 'database');
  if (await hasDatabase(storeFolder)) return folder;
  if (await exists(folder)) {
    throw sqlError('store_not_ready', 'the folder contains a folder named database, which is not a database');
  }
  onCreate();
  await removeStaleFolders(storeFolder);
  const unfinished = await mkdtemp(join(storeFolder, 'unfinished-'));
  // In a separate thread, because creating a database needs several times the memory of using it.
  const thread = await startPgliteThread(unfinished, { timeoutSeconds: createTimeoutSeconds, isNew: true });
  await thread.close();
  await syncFiles(unfinished);
  await rename(unfinished, folder);
  return folder;
}

/** Whether the folder of a store has a database. */
export function hasDatabase(storeFolder: string): Promise<boolean> {
  return exists(join(storeFolder, 'database', 'PG_VERSION'));
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

/** Postgres syncs only what it writes itself, and not the files of the image. */
async function syncFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  while (files.length > 0) {
    const some = files.splice(0, 16);
    await Promise.all(
      some.map(async (entry) => {
        const file = await open(join(entry.parentPath, entry.name), 'r');
        await file.sync().finally(() => file.close());
      }),
    );
  }
}

async function removeStaleFolders(storeFolder: string): Promise<void> {
  for (const name of await readdir(storeFolder)) {
    if (name.startsWith('unfinished-')) await rm(join(storeFolder, name), { recursive: true });
  }
}
