import { dirname, join } from 'node:path';
import type { LockName } from '../../store/auth-store.js';
import type { RuntimeFileEffects } from '../file-effects.js';
import { withProcessLock } from './with-process-lock.js';

/**
 * Runs work while no other process that uses this package does work of the same name for this folder. If `auth.json` is
 * a symbolic link, the lock is beside the target: other folders may have links to the same file.
 *
 * @param name `write` covers every write. It is taken last, so that two locks never wait for each other.
 */
export async function withHomeLock<T>(
  codexHome: string,
  name: LockName | 'write',
  effects: RuntimeFileEffects,
  work: () => Promise<T>,
): Promise<T> {
  const authFile = join(codexHome, 'auth.json');
  const folder = dirname(await effects.fs.realpath(authFile).catch(() => authFile));
  return withProcessLock({ directory: join(folder, 'chatgpt-auth-locks'), name }, effects, work);
}
