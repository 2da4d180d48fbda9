import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { chatgptAuthError } from '../../errors.js';

/** One entry of an OS keyring: the part of `AsyncEntry` of `@napi-rs/keyring` that is used. */
export interface KeyringEntry {
  /** `null` or `undefined` if there is none. */
  getPassword(): Promise<string | null | undefined>;
  setPassword(password: string): Promise<void>;
}

/** Opens the entry of a service and a user name. */
export type OpenKeyringEntry = (service: string, userName: string) => Promise<KeyringEntry>;

/** The service name of the published client's credentials. */
export const keyringService = 'Codex Auth';

/** The user name of the published client's entry: one for each folder, by a digest of its path. */
export async function readKeyringUserName(codexHome: string): Promise<string> {
  const canonical = await realpath(codexHome).catch(() => codexHome);
  return `cli|${createHash('sha256').update(canonical).digest('hex').slice(0, 16)}`;
}

/**
 * Opens an entry through the optional peer `@napi-rs/keyring`. On Linux this always uses the Secret Service, where the
 * published client keeps its credentials. The peer would fall back to the kernel's keyring, which forgets them.
 *
 * @throws AgentIdentityError `keyring_unavailable`
 */
export const openKeyringEntry: OpenKeyringEntry = async (service, userName) => {
  const { AsyncEntry } = await importKeyring();
  return new AsyncEntry(service, userName, { linux: { store: 'secret-service' } });
};

async function importKeyring(): Promise<typeof import('@napi-rs/keyring')> {
  try {
    return await import('@napi-rs/keyring');
  } catch (cause) {
    const text = 'keyring: the package @napi-rs/keyring is not installed, or not built for this system';
    throw chatgptAuthError('keyring_unavailable', text, { cause });
  }
}
