import { join } from 'node:path';
import { requireKnownOptions } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import type { AuthStore } from '../../store/auth-store.js';
import { requireCodexHome } from '../codex-home.js';
import { type FileEffects, type RuntimeFileEffects, resolveFileEffects } from '../file-effects.js';
import { withClientLocks } from '../locks/client-locks.js';
import { withHomeLock } from '../locks/home-lock.js';
import { readAuthFile } from './read-auth-file.js';
import { replaceAuthFile, requireReplaceableAuthFile } from './replace-auth-file.js';
import { removeLeftovers } from './temporary-files.js';

/** Which `auth.json` is meant, and how it is locked. */
export interface FileAuthStoreOptions {
  /** The published client's folder; `CODEX_HOME` or `~/.codex` by default. */
  readonly codexHome?: string | undefined;
}

/** How often a write starts over because the file changed under it, which only happens without `flock`. */
const maxAttempts = 10;

/**
 * Keeps the document in `auth.json` of the published client's folder, beside that client (docs/protocol.md section 9). Making
 * the store does no I/O.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function fileAuthStore(options: FileAuthStoreOptions = {}, effects: FileEffects = {}): AuthStore {
  requireKnownOptions(options, ['codexHome'], 'options');
  const codexHome = requireCodexHome(options.codexHome);
  const path = join(codexHome, 'auth.json');
  const runtime = resolveFileEffects(effects);
  return {
    read: () => readAuthFile(path, runtime.fs),
    requireWritable: () => requireWritableAuthFile(codexHome, path, runtime),
    update: (edit) => updateAuthFile(codexHome, path, edit, runtime),
    withLock: (name, work) => withHomeLock(codexHome, name, runtime, work),
  };
}

async function requireWritableAuthFile(
  codexHome: string,
  path: string,
  effects: RuntimeFileEffects,
): Promise<void> {
  const text = await readAuthFile(path, effects.fs);
  if (text === undefined) return;
  await withClientLocks(codexHome, effects, () => requireReplaceableAuthFile(path, text, effects.fs));
}

async function updateAuthFile(
  codexHome: string,
  path: string,
  edit: (text: string | undefined) => string | undefined,
  effects: RuntimeFileEffects,
): Promise<void> {
  const before = await readAuthFile(path, effects.fs);
  if (before === undefined) {
    edit(undefined);
    return; // and leaves no lock file where nobody is logged in
  }
  await withClientLocks(codexHome, effects, async () => {
    await removeLeftovers(path, effects.clock(), effects.fs);
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const expected = await readAuthFile(path, effects.fs);
      const next = edit(expected);
      if (expected === undefined || next === undefined || next === expected) return;
      if (await replaceAuthFile(path, { expected, next }, effects.fs)) return;
    }
    const text = `auth.json: it changed ${maxAttempts} times while it was to be written`;
    throw chatgptAuthError('lock_unavailable', text, { retryable: true });
  });
}
