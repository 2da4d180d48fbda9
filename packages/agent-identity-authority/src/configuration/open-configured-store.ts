import type { AuthorityStore, OnFailure } from 'agent-identity-authority-core';
import { type OpenStoreOptions, openStore } from 'agent-identity-authority-sql';
import { programError } from '../errors.js';
import type { Configuration } from './configuration.js';
import { readSecretFile } from './read-configuration-file.js';

/** What hears of a store. */
export interface StoreListeners {
  readonly onFailure: OnFailure;
  readonly onCreate: () => void;
}

/**
 * Opens the configured store with its master keys.
 *
 * @throws AgentIdentityError the codes of `openStore`, and `invalid_configuration` for an invalid master key
 */
export async function openConfiguredStore(
  configuration: Configuration,
  options: StoreListeners & Pick<OpenStoreOptions, 'ifMissing'>,
): Promise<AuthorityStore> {
  return openStore(configuration.store, { ...(await readStoreOptions(configuration)), ...options });
}

/**
 * Reads the options of the configured store.
 *
 * @throws AgentIdentityError `invalid_configuration`
 */
export async function readStoreOptions({
  masterKey,
  masterKeyFile,
  otherMasterKeyFiles = [],
  storage,
}: Configuration): Promise<OpenStoreOptions> {
  if (masterKey !== undefined && masterKeyFile !== undefined) {
    throw programError(
      'invalid_configuration',
      'masterKey and masterKeyFile: expected one of them, got both',
    );
  }
  const text = masterKeyFile === undefined ? masterKey : await readSecretFile(masterKeyFile);
  const others = await Promise.all(otherMasterKeyFiles.map(readSecretFile));
  return {
    masterKey: text === undefined ? undefined : parseMasterKey(text, 'masterKey'),
    otherMasterKeys: others.map((other) => parseMasterKey(other, 'otherMasterKeyFiles')),
    timeoutSeconds: storage.timeoutSeconds,
    maxConnections: storage.connections,
    maxReadConnections: storage.readConnections,
  };
}

function parseMasterKey(text: string, name: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32 || key.toString('base64') !== text) {
    throw programError('invalid_configuration', `${name}: expected the base64 of 32 bytes, 44 characters`);
  }
  return Uint8Array.from(key);
}
