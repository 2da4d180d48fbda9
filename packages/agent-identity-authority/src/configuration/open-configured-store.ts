import type { AuthorityStore } from '../store/authority-store.js';
import { openStore } from '../store/open-store.js';
import type { Configuration } from './configuration.js';

/**
 * Opens the store of a configuration.
 *
 * @throws AgentIdentityError those of `openStore`, and `invalid_configuration` for a master key file that cannot be read
 */
export async function openConfiguredStore({ store }: Configuration): Promise<AuthorityStore> {
  return openStore(store);
}
