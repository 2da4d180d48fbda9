import { dirname, join } from 'node:path';
import { requireKnownOptions } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import type { AuthStore } from '../../store/auth-store.js';
import { requireCodexHome } from '../codex-home.js';
import { type FileEffects, type RuntimeFileEffects, resolveFileEffects } from '../file-effects.js';
import { withHomeLock } from '../locks/home-lock.js';
import { withWriteLocks } from '../locks/write-locks.js';
import { readAuthFile } from './read-auth-file.js';
import { replaceAuthFile, requireReplaceableAuthFile } from './replace-auth-file.js';
import { removeLeftovers } from './temporary-files.js';

/** Options for {@link fileAuthStore}. */
export interface FileAuthStoreOptions {
  /** The published client's folder. Default: `CODEX_HOME`, else `~/.codex`. */
  readonly codexHome?: string | undefined;
}

/**
 * How often a write starts again because a program without our lock has changed the file. On a busy machine a program that keeps
 * changing it won ten times in a row, and a refresh token that was just spent was not saved.
 */
const maxAttempts = 100;

/**
 * Keeps the document in `auth.json` of the published client's folder, and may share it with that client (docs/protocol.md
 * section 9). Creating the store does no I/O.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { openChatgptAuth } from 'chatgpt-auth';
 * import { fileAuthStore } from 'chatgpt-auth/node';
 *
 * const auth = await openChatgptAuth({ store: fileAuthStore({ codexHome: '/home/someone/.codex' }) });
 * ```
 */
export function fileAuthStore(options: FileAuthStoreOptions = {}, effects: FileEffects = {}): AuthStore {
  requireKnownOptions(options, ['codexHome'], 'options');
  const codexHome = requireCodexHome(options.codexHome);
  const path = join(codexHome, 'auth.json');
  const runtime = resolveFileEffects(effects);
  return {
    location: path,
    read: () => readAuthFile(path, runtime),
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
  const text = await readAuthFile(path, effects);
  if (text === undefined) return;
  await withWriteLocks(codexHome, effects, () => requireReplaceableAuthFile(path, text, effects.fs));
}

async function updateAuthFile(
  codexHome: string,
  path: string,
  edit: (text: string | undefined) => string | undefined,
  effects: RuntimeFileEffects,
): Promise<void> {
  const { fs } = effects;
  if ((await readAuthFile(path, effects)) === undefined) {
    edit(undefined);
    return; // and leaves no lock file where nobody is logged in
  }
  await withWriteLocks(codexHome, effects, async () => {
    await removeLeftovers(dirname(await fs.realpath(path).catch(() => path)), fs);
    for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
      const expected = await readAuthFile(path, effects);
      const next = edit(expected);
      if (expected === undefined || next === undefined || next === expected) return;
      if (await replaceAuthFile(path, { expected, next }, fs)) return;
    }
    const text = `${path}: another program changed it ${maxAttempts} times while it was being written`;
    throw chatgptAuthError('lock_unavailable', text, { retryable: true });
  });
}
