import { requireKnownOptions } from 'agent-identity-core/http';
import {
  type OpenStoreEffects,
  type OpenStoreOptions,
  openStoreOptionNames,
  resolveStoreOptions,
} from './open-store-options.js';
import { latestSchemaVersion } from './sql/migrations.js';
import type { StoreInspection } from './sql/store-inspection.js';
import { readStoreUrl } from './store-url.js';

/**
 * Looks at a store without changing it: unlike `openStore`, it neither creates nor migrates one. A PGlite folder is locked
 * meanwhile.
 *
 * @throws AgentIdentityError the codes of `openStore`, except `wrong_master_key`
 * @example
 * ```ts
 * import { inspectStore } from 'agent-identity-authority-sql';
 *
 * declare const masterKey: Uint8Array; // 32 random bytes from a secret manager
 * const { schemaVersion } = await inspectStore('postgres://authority@db.example/agents', { masterKey });
 * ```
 */
export async function inspectStore(
  url: string,
  options: OpenStoreOptions = {},
  effects: OpenStoreEffects = {},
): Promise<StoreInspection> {
  requireKnownOptions(options, openStoreOptionNames, 'options');
  const location = readStoreUrl(url);
  if (location.kind === 'memory') {
    return { schemaVersion: latestSchemaVersion, latestSchemaVersion, databaseClockAheadMs: null };
  }
  const resolved = resolveStoreOptions(options, effects);
  if (location.kind === 'pglite') {
    const { readPgliteSchemaVersion } = await import('./pglite/open-pglite-store.js');
    const schemaVersion = await readPgliteSchemaVersion(location.folder, resolved);
    return { schemaVersion, latestSchemaVersion, databaseClockAheadMs: null };
  }
  const { inspectPostgres } = await import('./postgres/open-postgres-store.js');
  return inspectPostgres(location.url, resolved);
}
