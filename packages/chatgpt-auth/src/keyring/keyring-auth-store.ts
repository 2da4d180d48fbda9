import { isAgentIdentityError } from 'agent-identity-core';
import { requireCodexHome } from '../auth-file/codex-home.js';
import { type FileEffects, type RuntimeFileEffects, withFileEffects } from '../auth-file/file-effects.js';
import { exclusivelyInHome } from '../auth-file/home-locks.js';
import { withClientLocks } from '../auth-file/locks/client-locks.js';
import { chatgptAuthError } from '../errors.js';
import type { AuthStore } from '../store/auth-store.js';
import {
  type KeyringEntry,
  keyringService,
  keyringUserName,
  type OpenKeyringEntry,
  openKeyringEntry,
} from './keyring-entry.js';

/** Which entry of the OS keyring is meant. */
export interface KeyringAuthStoreOptions {
  /**
   * The published client's folder, which the entry is named after and the locks are in; `CODEX_HOME` or `~/.codex` by
   * default.
   */
  readonly codexHome?: string | undefined;
}

/** What a keyring store may be given in place of the runtime's own. */
export interface KeyringEffects extends FileEffects {
  /** Opens an entry; through `@napi-rs/keyring` by default. */
  readonly openEntry?: OpenKeyringEntry | undefined;
}

/**
 * Keeps the document in the OS keyring, in the entry of the published client. Making the store does no I/O.
 *
 * A keyring replaces an entry in one step, but cannot compare before it does: with `flock` the published client's
 * locks keep it from changing in between, without it a change within that moment is lost.
 *
 * @throws AgentIdentityError `invalid_option`
 */
export function keyringAuthStore(
  options: KeyringAuthStoreOptions = {},
  { openEntry = openKeyringEntry, ...effects }: KeyringEffects = {},
): AuthStore {
  const codexHome = requireCodexHome(options.codexHome);
  const runtime = withFileEffects(effects);
  const withEntry = async <T>(use: (entry: KeyringEntry) => Promise<T>): Promise<T> => {
    try {
      return await use(await openEntry(keyringService, await keyringUserName(codexHome)));
    } catch (cause) {
      throw isAgentIdentityError(cause) ? cause : unavailable(cause);
    }
  };
  const read = () => withEntry(async (entry) => (await entry.getPassword()) ?? undefined);
  return {
    read,
    update: (edit) => updateEntry(codexHome, read, edit, withEntry, runtime),
    exclusively: (name, work) => exclusivelyInHome(codexHome, name, runtime, work),
  };
}

async function updateEntry(
  codexHome: string,
  read: () => Promise<string | undefined>,
  edit: (text: string | undefined) => string | undefined,
  withEntry: (use: (entry: KeyringEntry) => Promise<void>) => Promise<void>,
  effects: RuntimeFileEffects,
): Promise<void> {
  if ((await read()) === undefined) {
    edit(undefined);
    return;
  }
  await withClientLocks(codexHome, effects, async () => {
    const before = await read();
    const next = edit(before);
    if (before === undefined || next === undefined || next === before) return;
    await withEntry((entry) => entry.setPassword(next));
  });
}

function unavailable(cause: unknown): Error {
  const text =
    'keyring: there is no OS keyring that answers (on Linux: a Secret Service on the session bus, unlocked)';
  return chatgptAuthError('keyring_unavailable', text, { cause });
}
