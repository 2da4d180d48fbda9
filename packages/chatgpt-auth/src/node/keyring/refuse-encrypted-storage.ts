import { join } from 'node:path';
import { platform } from 'node:process';
import { chatgptAuthError } from '../../errors.js';
import type { FileSystem } from '../file-effects.js';

/**
 * Whether the published client keeps its credentials in an encrypted file: on in Windows by default. `undefined` means
 * that it is off by default, so the file counts only if there are no other credentials (docs/protocol.md section 9).
 */
export function resolveSecretAuthStorage(setting: boolean | undefined): boolean | undefined {
  return setting ?? (platform === 'win32' ? true : undefined);
}

/**
 * Fails if there is an encrypted file.
 *
 * @throws AgentIdentityError `encrypted_auth_storage`
 */
export async function refuseEncryptedStorage(codexHome: string, fs: FileSystem): Promise<void> {
  const isThere = await fs.lstat(join(codexHome, 'secrets', 'codex_auth.age')).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw chatgptAuthError(
    'encrypted_auth_storage',
    'keyring: the credentials are in secrets/codex_auth.age (the feature secret_auth_storage), which this package cannot read; ' +
      'set secret_auth_storage = false under [features], or cli_auth_credentials_store = "file", and log in again',
  );
}
