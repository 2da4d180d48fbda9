import { isAgentIdentityError } from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import { chatgptAuthError } from '../../errors.js';
import type { AuthStore } from '../../store/auth-store.js';
import { requireCodexHome } from '../codex-home.js';
import { type FileEffects, type RuntimeFileEffects, resolveFileEffects } from '../file-effects.js';
import { withHomeLock } from '../locks/home-lock.js';
import { withWriteLocks } from '../locks/write-locks.js';
import {
  type KeyringEntry,
  keyringService,
  type OpenKeyringEntry,
  openKeyringEntry,
  readKeyringUserName,
} from './keyring-entry.js';
import { refuseEncryptedStorage, resolveSecretAuthStorage } from './refuse-encrypted-storage.js';

/** Options for {@link keyringAuthStore}. */
export interface KeyringAuthStoreOptions {
  /** The published client's folder: it names the entry and holds the locks. Default: `CODEX_HOME`, else `~/.codex`. */
  readonly codexHome?: string | undefined;
  /** `[features] secret_auth_storage` of `config.toml`. Default: on in Windows, off elsewhere. */
  readonly secretAuthStorage?: boolean | undefined;
}

/** Overrides for ambient dependencies of a keyring store. */
export interface KeyringEffects extends FileEffects {
  /** Opens an entry. Default: through `@napi-rs/keyring`. */
  readonly openEntry?: OpenKeyringEntry | undefined;
}

type WithEntry = <T>(use: (entry: KeyringEntry) => Promise<T>) => Promise<T>;

/**
 * Keeps the document in the OS keyring, in the entry of the published client. Creating the store does no I/O.
 *
 * A keyring replaces an entry in one step, but cannot compare first. With `flock` the published client's locks prevent a
 * change in between; without it such a change is lost.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { openChatgptAuth } from 'chatgpt-auth';
 * import { keyringAuthStore } from 'chatgpt-auth/node';
 *
 * const auth = await openChatgptAuth({ store: keyringAuthStore() });
 * ```
 */
export function keyringAuthStore(
  options: KeyringAuthStoreOptions = {},
  { openEntry = openKeyringEntry, ...effects }: KeyringEffects = {},
): AuthStore {
  requireKnownOptions(options, ['codexHome', 'secretAuthStorage'], 'options');
  const codexHome = requireCodexHome(options.codexHome);
  const runtime = resolveFileEffects(effects);
  const withEntry: WithEntry = async (use) => {
    try {
      return await use(await openEntry(keyringService, await readKeyringUserName(codexHome)));
    } catch (cause) {
      throw isAgentIdentityError(cause) ? cause : toKeyringUnavailable(cause);
    }
  };
  const isEncrypted = resolveSecretAuthStorage(options.secretAuthStorage);
  const read = async () => {
    if (isEncrypted === true) await refuseEncryptedStorage(codexHome, runtime.fs);
    const text = await withEntry(async (entry) => (await entry.getPassword()) ?? undefined);
    if (isEncrypted === undefined && text === undefined) await refuseEncryptedStorage(codexHome, runtime.fs);
    return text;
  };
  return {
    location: `the keyring entry "${keyringService}"`,
    read,
    update: (edit) => updateEntry(codexHome, read, edit, withEntry, runtime),
    withLock: (name, work) => withHomeLock(codexHome, name, runtime, work),
  };
}

async function updateEntry(
  codexHome: string,
  read: () => Promise<string | undefined>,
  edit: (text: string | undefined) => string | undefined,
  withEntry: WithEntry,
  effects: RuntimeFileEffects,
): Promise<void> {
  if ((await read()) === undefined) {
    edit(undefined);
    return;
  }
  await withWriteLocks(codexHome, effects, async () => {
    const before = await read();
    const next = edit(before);
    if (before === undefined || next === undefined || next === before) return;
    await withEntry((entry) => entry.setPassword(next));
  });
}

function toKeyringUnavailable(cause: unknown): Error {
  const text =
    'keyring: no OS keyring is available (on Linux, an unlocked Secret Service on the session bus is required)';
  return chatgptAuthError('keyring_unavailable', text, { cause });
}
