import { join } from 'node:path';
import type { ExclusiveWork } from '../store/auth-store.js';
import type { RuntimeFileEffects } from './file-effects.js';
import { withProcessLock } from './locks/with-process-lock.js';

/** Runs work while no other process that uses this package does work of the same name for this folder. */
export function exclusivelyInHome<T>(
  codexHome: string,
  name: ExclusiveWork,
  effects: RuntimeFileEffects,
  work: () => Promise<T>,
): Promise<T> {
  return withProcessLock({ directory: join(codexHome, 'chatgpt-auth-locks'), name }, effects, work);
}
