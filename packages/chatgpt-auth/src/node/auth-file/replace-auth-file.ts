import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAgentIdentityError } from 'agent-identity-core';
import { systemErrorCode } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import type { FileSystem } from '../file-effects.js';
import { readAuthFile } from './read-auth-file.js';
import { newTemporaryName } from './temporary-files.js';

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
  return withTarget(path, fs, (target, stats) => replaceTarget(path, target, stats, change, fs));
}

/**
 * Goes through all of a replacement but the flush and the rename, with a text as long as the one that is there, and takes the
 * temporary file away again: what a later write would fail for is found before anything is registered.
 *
 * @throws AgentIdentityError `unwritable_auth_file`
 */
export async function requireReplaceableAuthFile(path: string, text: string, fs: FileSystem): Promise<void> {
  await withTarget(path, fs, async (target, stats) => {
    const blank = ' '.repeat(Buffer.byteLength(text));
    await fs.unlink(await writeTemporary(dirname(target), { text: blank, flush: false }, stats, fs));
    return true;
  });
}

/** Runs a write on the file that a path leads to; false if there is none. */
async function withTarget(
  path: string,
  fs: FileSystem,
  write: (target: string, stats: Stats) => Promise<boolean>,
): Promise<boolean> {
  try {
    const target = await fs.realpath(path);
    const stats = await fs.lstat(target);
    requireReplaceable(stats);
    return await write(target, stats);
  } catch (cause) {
    if (isAgentIdentityError(cause)) throw cause;
    if (systemErrorCode(cause) === 'ENOENT') return false;
    throw unwritable(`writing it failed (${systemErrorCode(cause) ?? 'unknown reason'})`, cause);
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
  const temporary = await writeTemporary(dirname(target), { text: next, flush: true }, stats, fs);
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

/**
 * Writes a temporary file of ours with the owner of the file that it is to replace. Its group is kept where this process
 * may set it, and is no reason to fail: with mode 0600 it grants nothing.
 */
async function writeTemporary(
  directory: string,
  { text, flush }: { readonly text: string; readonly flush: boolean },
  { uid, gid }: Stats,
  fs: FileSystem,
): Promise<string> {
  const path = join(directory, newTemporaryName());
  const file = await fs.open(path, 'wx', 0o600);
  try {
    const own = await file.stat();
    if (own.uid !== uid) await file.chown(uid, gid);
    else if (own.gid !== gid) await file.chown(uid, gid).catch(() => undefined);
    await file.writeFile(text);
    if (flush) await file.sync();
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

function unwritable(reason: string, cause?: unknown): Error {
  return chatgptAuthError('unwritable_auth_file', `auth.json: ${reason}; it is as it was`, { cause });
}
