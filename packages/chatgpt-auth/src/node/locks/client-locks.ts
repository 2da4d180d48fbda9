import type { FileHandle } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { systemErrorCode } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import type { RuntimeFileEffects } from '../file-effects.js';
import type { Flock } from './flock.js';

const pollMilliseconds = 10;
const maxPolls = 1000;

/**
 * Runs a short piece of work while holding the published client's own locks, where `flock` can be had; without it, the
 * work runs at once, and what is left is that it compares before it writes.
 *
 * @throws AgentIdentityError `lock_unavailable`; `unwritable_auth_file` where no lock file can be made
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
    for (const { path, mode } of await lockFiles(codexHome, effects)) {
      const file = await openLockFile(path, mode, effects);
      held.push(file);
      await take(file, basename(path), flock, effects);
    }
    return await work();
  } finally {
    for (const file of held.reverse()) await file.close();
  }
}

/**
 * The lock files of the published client, in the order that it takes them, with the modes that it makes them with. It
 * holds both for a write only, and gives up after 5 seconds (docs/protocol.md section 9). The second one is beside the file
 * that a symbolic link leads to, named after it.
 */
async function lockFiles(
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

async function openLockFile(path: string, mode: number, { fs }: RuntimeFileEffects): Promise<FileHandle> {
  try {
    return await fs.open(path, 'a', mode);
  } catch (cause) {
    const text = 'auth.json: its lock files cannot be opened, so it is not written';
    throw chatgptAuthError('unwritable_auth_file', text, { cause });
  }
}

async function take(
  file: FileHandle,
  name: string,
  flock: Flock,
  { sleep }: RuntimeFileEffects,
): Promise<void> {
  for (let poll = 0; poll < maxPolls; poll += 1) {
    try {
      await flock(file.fd, 'exnb');
      return;
    } catch (error) {
      if (isUnsupported(error)) return;
      if (!isHeld(error)) throw error;
    }
    await sleep(pollMilliseconds);
  }
  const seconds = (maxPolls * pollMilliseconds) / 1000;
  throw chatgptAuthError('lock_unavailable', `${name}: another process held it for over ${seconds} s`, {
    retryable: true,
  });
}

function isHeld(error: unknown): boolean {
  return ['EAGAIN', 'EWOULDBLOCK'].includes(systemErrorCode(error) ?? '');
}

/** File systems without such locks: nobody else has them there either. */
function isUnsupported(error: unknown): boolean {
  return ['ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'ENOLCK', 'EINVAL'].includes(systemErrorCode(error) ?? '');
}
