import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { chatgptAuthError } from '../errors.js';
import { errorCodeOf, type FileSystem } from './file-effects.js';

/** A real file has a few kilobytes. */
const maxBytes = 1024 * 1024;

/**
 * Reads an `auth.json`, through a symbolic link too; `undefined` if there is none.
 *
 * @throws AgentIdentityError `unreadable_auth_file`
 */
export async function readAuthFile(path: string, fs: FileSystem): Promise<string | undefined> {
  const file = await openFile(path, fs);
  if (file === undefined) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw unreadable('it is not a regular file');
    if (stats.size > maxBytes) throw unreadable(`it has over ${maxBytes} bytes`);
    return decode(await file.readFile());
  } finally {
    await file.close();
  }
}

async function openFile(path: string, fs: FileSystem): Promise<FileHandle | undefined> {
  try {
    // Not blocking, since a named pipe would wait for somebody to write.
    return await fs.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if (errorCodeOf(cause) === 'ENOENT') return undefined;
    throw unreadable(`it cannot be opened (${errorCodeOf(cause) ?? 'unknown reason'})`, cause);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unreadable('it is not UTF-8');
  }
}

function unreadable(reason: string, cause?: unknown): Error {
  return chatgptAuthError('unreadable_auth_file', `auth.json: ${reason}; it was left as it is`, { cause });
}
