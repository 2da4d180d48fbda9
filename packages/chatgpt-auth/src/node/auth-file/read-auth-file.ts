import { parseJson } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import type { FileSystem, RuntimeFileEffects } from '../file-effects.js';
import { type FileContent, readRegularFile } from '../read-regular-file.js';

/** A real file has a few kilobytes. */
const maxBytes = 1024 * 1024;

/** How long an incomplete file is read again, and how often. */
const patienceMilliseconds = 1000;
const pollMilliseconds = 20;

/**
 * Reads an `auth.json`, also through a symbolic link. Older versions of the published client write it in place
 * (docs/protocol.md section 9). So a file that is empty, cut or not JSON is read again for about a second.
 *
 * @returns `undefined` if there is none; an incomplete text if it stays incomplete
 * @throws AgentIdentityError `unreadable_auth_file`
 */
export async function readAuthFile(
  path: string,
  { fs, sleep, monotonicClock }: RuntimeFileEffects,
): Promise<string | undefined> {
  const giveUpAt = monotonicClock() + patienceMilliseconds;
  for (let waited = 0; ; waited += pollMilliseconds) {
    const file = await readRegularFile(path, maxBytes, fs);
    // Parsing a large text takes time, too.
    const isPatienceOver = waited >= patienceMilliseconds || monotonicClock() >= giveUpAt;
    if (!isIncomplete(file) || isPatienceOver) return requireText(file, path);
    await sleep(pollMilliseconds);
  }
}

function isIncomplete(file: FileContent): boolean {
  return file.kind === 'not_utf8' || (file.kind === 'text' && parseJson(file.text) === undefined);
}

function requireText(file: FileContent, path: string): string | undefined {
  if (file.kind === 'text') return file.text;
  if (file.kind === 'missing') return undefined;
  const options = file.kind === 'unreadable' ? { cause: file.cause } : {};
  throw chatgptAuthError('unreadable_auth_file', `${path}: ${file.reason}; it was not changed`, options);
}

/** Whether the file holds exactly this text now. */
export async function holdsText(path: string, text: string, fs: FileSystem): Promise<boolean> {
  const file = await readRegularFile(path, maxBytes, fs);
  return file.kind === 'text' && file.text === text;
}
