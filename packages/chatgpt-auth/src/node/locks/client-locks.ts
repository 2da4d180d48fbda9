import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { isAgentIdentityError } from 'agent-identity-core';
import { systemErrorCode } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import type { RuntimeFileEffects } from '../file-effects.js';
import type { Flock } from './flock.js';

const pollMilliseconds = 10;
const maxPolls = 1000;

/**
 * Runs a short piece of work under the published client's own locks, if `flock` is available. Without it the work runs
 * at once, and only compares before it writes.
 *
 * @throws AgentIdentityError `lock_unavailable`; `unwritable_auth_file` if a lock file cannot be opened
 */
export async function withClientLocks<T>(
  codexHome: string,
  effects: RuntimeFileEffects,
  work: () => Promise<T>,
): Promise<T> {
  const flock = await effects.flock();
  if (flock === undefined) return work();
  const held: FileHandle[] = [];
  try {
    for (const { path, mode } of await findLockFiles(codexHome, effects)) {
      const file = await openLockFile(path, mode, effects);
      held.push(file);
      await waitForLock(file, path, flock, effects);
    }
    return await work();
  } finally {
    for (const file of held.reverse()) await file.close();
  }
}

/**
 * The lock files of the published client, in its order and with its modes. It holds both for a write only
 * (docs/protocol.md section 9). The second one is beside the target of a symbolic link, and named after it.
 */
async function findLockFiles(
  codexHome: string,
  { fs }: RuntimeFileEffects,
): Promise<{ path: string; mode: number }[]> {
  const authFile = join(codexHome, 'auth.json');
  const { dir, name } = parse(await fs.realpath(authFile).catch(() => authFile));
  return [
    { path: join(codexHome, 'auth.lock'), mode: 0o666 },
    { path: join(dir, `${name}.json.lock`), mode: 0o600 },
  ];
}

/** Without blocking: to open a named pipe would wait for a reader. */
const openFlags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);

async function openLockFile(path: string, mode: number, { fs }: RuntimeFileEffects): Promise<FileHandle> {
  try {
    const file = await fs.open(path, openFlags, mode);
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw unusableLockFile(path, 'it is not a regular file');
  } catch (cause) {
    if (isAgentIdentityError(cause)) throw cause;
    throw unusableLockFile(
      path,
      `it cannot be opened (${systemErrorCode(cause) ?? 'unknown reason'})`,
      cause,
    );
  }
}

function unusableLockFile(path: string, reason: string, cause?: unknown): Error {
  const text = `${path}: ${reason}; without this lock auth.json is not written`;
  return chatgptAuthError('unwritable_auth_file', text, { cause });
}

/**
 * Takes the exclusive `flock` of an open file, and waits up to 10 s for it.
 *
 * @returns false on a file system without such locks, where no other process has them either
 * @throws AgentIdentityError `lock_unavailable`
 */
export async function waitForLock(
  file: FileHandle,
  path: string,
  flock: Flock,
  { sleep }: RuntimeFileEffects,
): Promise<boolean> {
  for (let poll = 0; poll < maxPolls; poll += 1) {
    try {
      await flock(file.fd, 'exnb');
      return true;
    } catch (error) {
      if (isUnsupported(error)) return false;
      if (!isHeld(error)) throw error;
    }
    await sleep(pollMilliseconds);
  }
  const seconds = (maxPolls * pollMilliseconds) / 1000;
  throw chatgptAuthError('lock_unavailable', `${path}: another process held it for over ${seconds} s`, {
    retryable: true,
  });
}

function isHeld(error: unknown): boolean {
  return ['EAGAIN', 'EWOULDBLOCK'].includes(systemErrorCode(error) ?? '');
}

function isUnsupported(error: unknown): boolean {
  return ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'ENOLCK', 'EINVAL'].includes(systemErrorCode(error) ?? '');
}
