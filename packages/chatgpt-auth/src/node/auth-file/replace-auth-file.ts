import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAgentIdentityError } from 'agent-identity-core';
import { systemErrorCode } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import type { FileSystem } from '../file-effects.js';
import { holdsText } from './read-auth-file.js';
import { createTemporaryName } from './temporary-files.js';

/** The present and the next text of an `auth.json`. Both are secrets. */
export interface AuthFileChange {
  readonly expected: string;
  readonly next: string;
}

/**
 * Replaces an `auth.json` that holds the expected text, all of it or nothing: writes a temporary file beside it with mode
 * 0600, flushes it, renames it. A reader, a crash or a power failure finds the complete old file or the complete new one. A
 * symbolic link stays, and its target is replaced. A file that a rename cannot replace, such as a bind mount, is written
 * in place.
 *
 * @returns `false` if the file is gone or holds another text
 * @throws AgentIdentityError `unwritable_auth_file`; the file is unchanged
 */
export function replaceAuthFile(path: string, change: AuthFileChange, fs: FileSystem): Promise<boolean> {
  return withTarget(path, fs, (target, stats) => replaceTarget(target, stats, change, fs));
}

/** Room for tokens that are longer than the present ones. */
const spareBytes = 4096;

/**
 * Does everything that a replacement does, without changing the file: finds out before a registration or a refresh
 * whether its result could be saved.
 *
 * @throws AgentIdentityError `unwritable_auth_file`
 */
export async function requireReplaceableAuthFile(path: string, text: string, fs: FileSystem): Promise<void> {
  await withTarget(path, fs, async (target, stats) => {
    // Fails on a read-only mount, even if the folder around it is writable.
    await (await fs.open(target, 'r+')).close();
    const blank = ' '.repeat(Buffer.byteLength(text) + spareBytes);
    await fs.unlink(await writeTemporary(dirname(target), { text: blank, flush: false }, stats, fs));
    return true;
  });
}

/** Runs a write on the file that a path leads to; `false` if there is none. */
async function withTarget(
  path: string,
  fs: FileSystem,
  write: (target: string, stats: Stats) => Promise<boolean>,
): Promise<boolean> {
  try {
    const target = await fs.realpath(path);
    const stats = await fs.lstat(target);
    const obstacle = findObstacle(stats);
    if (obstacle !== undefined) throw unwritable(path, obstacle);
    return await write(target, stats);
  } catch (cause) {
    if (isAgentIdentityError(cause)) throw cause;
    const code = systemErrorCode(cause);
    if (code === 'ENOENT') return false;
    throw unwritable(path, `it cannot be written (${code ?? 'unknown reason'})`, cause);
  }
}

/** As in the published client: a rename would leave other hard links behind, and undo a write protection. */
function findObstacle(stats: Stats): string | undefined {
  if (!stats.isFile()) return 'it is not a regular file';
  if (stats.nlink > 1) return 'it has several hard links';
  return (stats.mode & 0o200) === 0 ? 'it is read-only' : undefined;
}

async function replaceTarget(
  target: string,
  stats: Stats,
  { expected, next }: AuthFileChange,
  fs: FileSystem,
): Promise<boolean> {
  const temporary = await writeTemporary(dirname(target), { text: next, flush: true }, stats, fs);
  try {
    if (!(await holdsText(target, expected, fs))) {
      await fs.unlink(temporary);
      return false;
    }
    await fs.rename(temporary, target);
  } catch (error) {
    await fs.unlink(temporary).catch(() => undefined);
    if (!['EBUSY', 'EXDEV'].includes(systemErrorCode(error) ?? '')) throw error;
    await writeInPlace(target, next, fs);
    return true;
  }
  await flushDirectory(dirname(target), fs);
  return true;
}

/**
 * Writes a temporary file with the owner of the file that it will replace. The group is kept if this process may set it;
 * with mode 0600 it grants nothing.
 */
async function writeTemporary(
  directory: string,
  { text, flush }: { readonly text: string; readonly flush: boolean },
  { uid, gid }: Stats,
  fs: FileSystem,
): Promise<string> {
  const path = join(directory, createTemporaryName());
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

/** Overwrites first and shortens afterwards, so that the file is never empty. */
async function writeInPlace(target: string, text: string, fs: FileSystem): Promise<void> {
  const file = await fs.open(target, 'r+');
  try {
    await file.writeFile(text);
    await file.truncate(Buffer.byteLength(text));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename durable. Systems that cannot open a directory do so by themselves. */
async function flushDirectory(directory: string, fs: FileSystem): Promise<void> {
  try {
    const handle = await fs.open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // The new file is in place.
  }
}

function unwritable(path: string, reason: string, cause?: unknown): Error {
  return chatgptAuthError('unwritable_auth_file', `${path}: ${reason}; it was not changed`, { cause });
}
