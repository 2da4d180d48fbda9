import { join } from 'node:path';
import { platform } from 'node:process';
import { chatgptAuthError } from '../../errors.js';
import type { FileSystem } from '../file-effects.js';

/**
 * Refuses to go on when the published client keeps the credentials in its encrypted file (docs/protocol.md section 9).
 * With the feature on, that file wins over an entry of the keyring; otherwise it counts only if there is no entry.
 *
 * @param isFeatureOn `secret_auth_storage`; `undefined` if it is not set.
 * @throws AgentIdentityError `encrypted_auth_storage`
 */
export async function refuseEncryptedStorage(
  codexHome: string,
  isFeatureOn: boolean | undefined = platform === 'win32' ? true : undefined,
  hasEntry: boolean,
  fs: FileSystem,
): Promise<void> {
  if (isFeatureOn === false || (hasEntry && isFeatureOn === undefined)) return;
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
