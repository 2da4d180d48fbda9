import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { pid } from 'node:process';
import type { FileSystem } from '../file-effects.js';

/**
 * A name for a new file that is to become `auth.json`, in the same folder so that it can be renamed. It says that it is
 * ours, of what process, and is never the same twice: nobody else names a file like this.
 */
export function newTemporaryName(): string {
  return `.chatgpt-auth-${pid}-${randomUUID()}.tmp`;
}

const temporaryName =
  /^\.chatgpt-auth-[1-9]\d*-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.tmp$/;

/** How long a temporary file is taken to be somebody's write in progress. */
const longestWriteMilliseconds = 10 * 60_000;

/**
 * Removes the temporary files of our writers that crashed: they hold credentials, and would outlive a logout. Files with
 * any other name, those of the published client too, are not ours to remove.
 *
 * @param now Epoch milliseconds.
 */
export async function removeLeftovers(path: string, now: number, fs: FileSystem): Promise<void> {
  const directory = dirname(await fs.realpath(path).catch(() => path));
  const entries = await fs.readdir(directory).catch(() => []);
  for (const entry of entries.filter((name) => temporaryName.test(name))) {
    const leftover = join(directory, entry);
    const stats = await fs.lstat(leftover).catch(() => undefined);
    if (stats?.isFile() && stats.mtimeMs < now - longestWriteMilliseconds) {
      await fs.unlink(leftover).catch(() => undefined);
    }
  }
}
