import { type AuthorityStore, memoryStore } from 'agent-identity-authority-core';
import type { StoreEffects, StoreOptions } from './store-options.js';
import { requireStoreOptions } from './store-options.js';
import { readStoreUrl } from './store-url.js';

/**
 * Opens a store by its URL. What a kind of store is made of is loaded only when one of it is opened.
 *
 * - `memory:` forgets everything when the process ends.
 * - `pglite:DIR` is a folder on a disk of this machine, which one process at a time can have open.
 * - `postgres://user:password@host:port/database?…` is a Postgres server, which any number of nodes can share.
 *
 * The last two need a `masterKey`. Their schema is brought up to date first.
 *
 * @param url May hold a password; never part of an error.
 * @throws AgentIdentityError `unsupported_store_url`, `master_key_required`, `wrong_master_key`, `invalid_argument`,
 * `store_in_use`, `store_not_ready`, `store_unavailable`
 */
export async function openStore(
  url: string,
  options: StoreOptions = {},
  effects: StoreEffects = {},
): Promise<AuthorityStore> {
  const location = readStoreUrl(url);
  if (location.kind === 'memory') return memoryStore();
  const checked = requireStoreOptions(options, effects);
  if (location.kind === 'pglite') {
    const { openPgliteStore } = await import('./pglite/open-pglite-store.js');
    return openPgliteStore(location.folder, checked);
  }
  const { openPostgresStore } = await import('./postgres/open-postgres-store.js');
  return openPostgresStore(location.url, checked);
}
