import { chatgptAuthError } from '../../errors.js';
import type { FileSystem } from '../file-effects.js';
import { readRegularFile } from '../read-regular-file.js';

/** A real file has a few kilobytes. */
const maxBytes = 1024 * 1024;

/**
 * Reads an `auth.json`, also through a symbolic link.
 *
 * @returns `undefined` if there is none
 * @throws AgentIdentityError `unreadable_auth_file`
 */
export async function readAuthFile(path: string, fs: FileSystem): Promise<string | undefined> {
  const file = await readRegularFile(path, maxBytes, fs);
  if ('text' in file) return file.text;
  const { reason, cause } = file;
  if (reason === undefined) return undefined;
  throw chatgptAuthError('unreadable_auth_file', `auth.json: ${reason}; it was left as it is`, { cause });
}
