import type { AuthorityStore, OnFailure } from 'agent-identity-authority-core';
import type { StoreOptions } from 'agent-identity-authority-sql';
import { openStore } from 'agent-identity-authority-sql';
import { programError } from '../errors.js';
import type { Configuration } from './configuration.js';
import { readSecretFile } from './read-secret-file.js';

/**
 * Opens the store of a configuration, with its master keys.
 *
 * @throws AgentIdentityError those of `openStore`, and `invalid_configuration` for a master key that is none
 */
export async function openConfiguredStore(
  configuration: Configuration,
  onFailure: OnFailure,
): Promise<AuthorityStore> {
  return openStore(configuration.store, await storeOptionsOf(configuration), { onFailure });
}

/**
 * What the store of a configuration is opened with.
 *
 * @throws AgentIdentityError `invalid_configuration`
 */
export async function storeOptionsOf({
  masterKey,
  masterKeyFile,
  otherMasterKeyFiles = [],
  storage,
}: Configuration): Promise<StoreOptions> {
  if (masterKey !== undefined && masterKeyFile !== undefined) {
    throw programError(
      'invalid_configuration',
      'masterKey and masterKeyFile: expected one of them, got both',
    );
  }
  const text = masterKeyFile === undefined ? masterKey : await readSecretFile(masterKeyFile);
  const others = await Promise.all(otherMasterKeyFiles.map(readSecretFile));
  return {
    masterKey: text === undefined ? undefined : masterKeyOf(text, 'masterKey'),
    otherMasterKeys: others.map((other) => masterKeyOf(other, 'otherMasterKeyFiles')),
    timeoutSeconds: storage.timeoutSeconds,
    maxConnections: storage.connections,
  };
}

function masterKeyOf(text: string, name: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32 || key.toString('base64') !== text) {
    throw programError('invalid_configuration', `${name}: expected the base64 of 32 bytes, 44 characters`);
  }
  return Uint8Array.from(key);
}
