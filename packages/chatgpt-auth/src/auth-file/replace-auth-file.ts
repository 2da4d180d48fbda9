import { randomInt } from 'node:crypto';
import type { Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAgentIdentityError } from 'agent-identity-core';
import { chatgptAuthError } from '../errors.js';
import { errorCodeOf, type FileSystem } from './file-effects.js';
import { readAuthFile } from './read-auth-file.js';

/** What an `auth.json` holds and is to hold. Both are secrets. */
export interface AuthFileChange {
  readonly expected: string;
  readonly next: string;
}

/**
 * Replaces an `auth.json` that holds what is expected, all or nothing: a temporary file beside it with mode 0600 is
 * written, flushed and renamed, so that a reader, a crash or a power cut meets the old file or the new one, whole. A
 * symbolic link stays, and its target is replaced. Tells whether it did: not if the file is gone or holds something
 * else by now.
 *
 * @throws AgentIdentityError `unwritable_auth_file`; the file is as it was then
 */
export async function replaceAuthFile(
  path: string,
  change: AuthFileChange,
  fs: FileSystem,
): Promise<boolean> {
  try {
    const target = await fs.realpath(path);
    const stats = await fs.lstat(target);
    requireReplaceable(stats);
    return await replaceTarget(path, target, stats, change, fs);
  } catch (cause) {
    if (isAgentIdentityError(cause)) throw cause;
    if (errorCodeOf(cause) === 'ENOENT') return false;
    throw unwritable(`writing it failed (${errorCodeOf(cause) ?? 'unknown reason'})`, cause);
  }
}

/** As the published client: a rename would leave other names of the file behind, and undo a write protection. */
function requireReplaceable(stats: Stats): void {
  if (!stats.isFile()) throw unwritable('it is not a regular file');
  if (stats.nlink > 1) throw unwritable('it has several hard links');
  if ((stats.mode & 0o200) === 0) throw unwritable('it is read-only');
}

async function replaceTarget(
  path: string,
  target: string,
  stats: Stats,
  { expected, next }: AuthFileChange,
  fs: FileSystem,
): Promise<boolean> {
  const temporary = await writeTemporary(dirname(target), next, stats, fs);
  try {
    if ((await readAuthFile(path, fs)) !== expected) {
      await fs.unlink(temporary);
      return false;
    }
    await fs.rename(temporary, target);
  } catch (error) {
    await fs.unlink(temporary).catch(() => undefined);
    throw error;
  }
  await flushDirectory(dirname(target), fs);
  return true;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Named as the published client names its own. */
async function writeTemporary(directory: string, text: string, { uid, gid }: Stats, fs: FileSystem) {
  const suffix = Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join('');
  const path = join(directory, `.auth-${suffix}`);
  const file = await fs.open(path, 'wx', 0o600);
  try {
    const own = await file.stat();
    if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await fs.unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  return path;
}

/** Makes the rename last. Systems where a directory cannot be opened do so by themselves. */
async function flushDirectory(directory: string, fs: FileSystem): Promise<void> {
  try {
    const handle = await fs.open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // the new file is in place all the same
  }
}

/** How long a temporary file is taken to be somebody's write in progress. */
const longestWriteMilliseconds = 10 * 60_000;

/**
 * Removes the temporary files of writers that crashed: they hold credentials, and would outlive a logout.
 *
 * @param now Epoch milliseconds.
 */
export async function removeLeftovers(path: string, now: number, fs: FileSystem): Promise<void> {
  const directory = dirname(await fs.realpath(path).catch(() => path));
  const entries = await fs.readdir(directory).catch(() => []);
  for (const entry of entries.filter((name) => /^\.auth-[A-Za-z0-9]{6}$/.test(basename(name)))) {
    const leftover = join(directory, entry);
    const stats = await fs.lstat(leftover).catch(() => undefined);
    if (stats?.isFile() && stats.mtimeMs < now - longestWriteMilliseconds) {
      await fs.unlink(leftover).catch(() => undefined);
    }
  }
}

function unwritable(reason: string, cause?: unknown): Error {
  return chatgptAuthError('unwritable_auth_file', `auth.json: ${reason}; it is as it was`, { cause });
}
