import { isAgentIdentityError } from 'agent-identity-core';
import type { CredentialsStore } from '../auth-file/codex-config.js';
import { fileAuthStore } from '../auth-file/file-auth-store.js';
import type { AuthStore } from '../store/auth-store.js';
import { type KeyringAuthStoreOptions, type KeyringEffects, keyringAuthStore } from './keyring-auth-store.js';

/**
 * Uses the keyring if that holds the credentials, else `auth.json`, also where there is no keyring: as the published
 * client does with `cli_auth_credentials_store = "auto"`. What is in one place is never copied to the other.
 *
 * @throws AgentIdentityError `invalid_option`
 */
export function autoAuthStore(
  options: KeyringAuthStoreOptions = {},
  effects: KeyringEffects = {},
): AuthStore {
  const keyring = keyringAuthStore(options, effects);
  const file = fileAuthStore(options, effects);
  const readKeyring = async () => {
    try {
      return await keyring.read();
    } catch (error) {
      if (isAgentIdentityError(error) && error.code === 'keyring_unavailable') return undefined;
      throw error;
    }
  };
  return {
    read: async () => (await readKeyring()) ?? file.read(),
    update: async (edit) => ((await readKeyring()) === undefined ? file : keyring).update(edit),
    requireWritable: async () => {
      if ((await readKeyring()) === undefined) await file.requireWritable?.();
    },
    exclusively: file.exclusively, // both lock in the same folder
  };
}

/** The store that `cli_auth_credentials_store` asks for; see `readCodexConfig`. */
export function authStoreFor(
  credentialsStore: CredentialsStore,
  options: KeyringAuthStoreOptions = {},
  effects: KeyringEffects = {},
): AuthStore {
  switch (credentialsStore) {
    case 'file':
      return fileAuthStore(options, effects);
    case 'keyring':
      return keyringAuthStore(options, effects);
    case 'auto':
      return autoAuthStore(options, effects);
  }
}
