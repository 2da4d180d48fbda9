import { type AuthorityStore, memoryStore } from 'agent-identity-authority-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import {
  type OpenStoreEffects,
  type OpenStoreOptions,
  openStoreOptionNames,
  resolveStoreOptions,
} from './open-store-options.js';
import { readStoreUrl } from './store-url.js';

/**
 * Opens a store by its URL. It loads a database driver only for a URL that needs it.
 *
 * - `memory:` loses its data when the process ends.
 * - `pglite:DIR` is a folder on a local disk, for one process at a time.
 * - `postgres://user:password@host:port/database?…` is a Postgres server that any number of nodes share. With several hosts
 *   (`host:port,host:port`), the one that takes changes is used: a primary, and after a failover the promoted standby.
 *
 * The last two need a `masterKey`, and are migrated first.
 *
 * @param url May contain a password; errors never contain it.
 * @throws AgentIdentityError `unsupported_store_url`, `master_key_required`, `wrong_master_key`, `invalid_argument`,
 * `store_in_use`, `store_not_ready`, `store_unavailable`
 * @example
 * ```ts
 * import { openStore } from 'agent-identity-authority-sql';
 *
 * declare const masterKey: Uint8Array; // 32 random bytes from a secret manager
 * const store = await openStore('pglite:/var/lib/authority', { masterKey });
 * await store.close();
 * ```
 */
export async function openStore(
  url: string,
  options: OpenStoreOptions = {},
  effects: OpenStoreEffects = {},
): Promise<AuthorityStore> {
  requireKnownOptions(options, openStoreOptionNames, 'options');
  const location = readStoreUrl(url);
  if (location.kind === 'memory') return memoryStore();
  const resolved = resolveStoreOptions(options, effects);
  if (location.kind === 'pglite') {
    const { openPgliteStore } = await import('./pglite/open-pglite-store.js');
    return openPgliteStore(location.folder, resolved);
  }
  const { openPostgresStore } = await import('./postgres/open-postgres-store.js');
  return openPostgresStore(location.url, resolved);
}
