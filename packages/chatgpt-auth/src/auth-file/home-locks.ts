import { dirname, join } from 'node:path';
import type { ExclusiveWork } from '../store/auth-store.js';
import type { RuntimeFileEffects } from './file-effects.js';
import { withProcessLock } from './locks/with-process-lock.js';

/**
 * Runs work while no other process that uses this package does work of the same name for this folder. Where
 * `auth.json` is a symbolic link, the lock is beside the file that it leads to: other folders may have links to the
 * same one.
 */
export async function exclusivelyInHome<T>(
  codexHome: string,
  name: ExclusiveWork,
  effects: RuntimeFileEffects,
  work: () => Promise<T>,
): Promise<T> {
  const authFile = join(codexHome, 'auth.json');
  const folder = dirname(await effects.fs.realpath(authFile).catch(() => authFile));
  return withProcessLock({ directory: join(folder, 'chatgpt-auth-locks'), name }, effects, work);
}
