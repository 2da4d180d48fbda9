import type { RuntimeFileEffects } from '../file-effects.js';
import { withClientLocks } from './client-locks.js';
import { withHomeLock } from './home-lock.js';

/**
 * Runs a short write alone: under our own lock, which keeps out every process that uses this package, and under the
 * published client's locks, which need `flock`.
 *
 * @throws AgentIdentityError `lock_unavailable`, `unwritable_auth_file`
 */
export function withWriteLocks<T>(
  codexHome: string,
  effects: RuntimeFileEffects,
  work: () => Promise<T>,
): Promise<T> {
  return withHomeLock(codexHome, 'write', effects, () => withClientLocks(codexHome, effects, work));
}
