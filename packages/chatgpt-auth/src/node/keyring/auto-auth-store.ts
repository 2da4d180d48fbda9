import { isAgentIdentityError } from 'agent-identity-core';
import { invalidArgument } from 'agent-identity-core/http';
import type { AuthStore } from '../../store/auth-store.js';
import { memoryAuthStore } from '../../store/memory-auth-store.js';
import { fileAuthStore } from '../auth-file/file-auth-store.js';
import type { CredentialsStore } from '../codex-config.js';
import { type KeyringAuthStoreOptions, type KeyringEffects, keyringAuthStore } from './keyring-auth-store.js';
import { resolveSecretAuthStorage } from './refuse-encrypted-storage.js';

/**
 * Uses the keyring if it holds the credentials, else `auth.json`, also on machines without a keyring. The published
 * client does the same with `cli_auth_credentials_store = "auto"`. Nothing is copied from one place to the other.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { openChatgptAuth } from 'chatgpt-auth';
 * import { autoAuthStore } from 'chatgpt-auth/node';
 *
 * const auth = await openChatgptAuth({ store: autoAuthStore() });
 * ```
 */
export function autoAuthStore(
  options: KeyringAuthStoreOptions = {},
  effects: KeyringEffects = {},
): AuthStore {
  const keyring = keyringAuthStore(options, effects);
  const { openEntry: _, ...fileEffects } = effects;
  const file = fileAuthStore({ codexHome: options.codexHome }, fileEffects);
  const isEncrypted = resolveSecretAuthStorage(options.secretAuthStorage) === true;
  const readKeyring = async () => {
    try {
      return await keyring.read();
    } catch (error) {
      if (isAgentIdentityError(error, 'keyring_unavailable')) return undefined;
      const isFound = isAgentIdentityError(error, 'encrypted_auth_storage');
      // An encrypted file counts only after auth.json, unless the feature is on.
      if (isFound && !isEncrypted && (await file.read()) !== undefined) return undefined;
      throw error;
    }
  };
  return {
    location: `${keyring.location} or ${file.location}`,
    read: async () => (await readKeyring()) ?? file.read(),
    update: async (edit) => ((await readKeyring()) === undefined ? file : keyring).update(edit),
    requireWritable: async () => {
      if ((await readKeyring()) === undefined) await file.requireWritable?.();
    },
    withLock: file.withLock, // both lock in the same folder
  };
}

/**
 * Creates the store that `cli_auth_credentials_store` names; see `readCodexConfig`. With `ephemeral` there is no login: the
 * published client keeps those credentials in its own memory.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { authStoreFor, readCodexConfig } from 'chatgpt-auth/node';
 *
 * const { credentialsStore } = await readCodexConfig();
 * const store = authStoreFor(credentialsStore);
 * ```
 */
export function authStoreFor(
  credentialsStore: CredentialsStore,
  options: KeyringAuthStoreOptions = {},
  effects: KeyringEffects = {},
): AuthStore {
  switch (credentialsStore) {
    case 'file': {
      const { openEntry: _, ...fileEffects } = effects;
      return fileAuthStore({ codexHome: options.codexHome }, fileEffects);
    }
    case 'keyring':
      return keyringAuthStore(options, effects);
    case 'auto':
      return autoAuthStore(options, effects);
    case 'ephemeral':
      return memoryAuthStore();
    default:
      throw invalidArgument('credentialsStore', 'file, keyring, auto or ephemeral', credentialsStore);
  }
}
