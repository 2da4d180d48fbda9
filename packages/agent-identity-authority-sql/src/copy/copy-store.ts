import type { StoredCheckpoint } from 'agent-identity-authority-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import { sqlError } from '../errors.js';
import {
  type OpenStoreEffects,
  type OpenStoreOptions,
  openStoreOptionNames,
  type ResolvedStoreOptions,
  resolveStoreOptions,
} from '../open-store-options.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import { readStoreUrl } from '../store-url.js';

/** Options for `copyStore`. The same `masterKey` opens both stores. */
export interface CopyStoreOptions extends OpenStoreOptions {
  /** `pglite:DIR` or `postgres://…`. */
  readonly from: string;
  /** `pglite:DIR` or `postgres://…`: a store that has never been used. */
  readonly to: string;
}

/**
 * Copies all data of a store into another one, for example from PGlite to a Postgres server, and verifies the copy's audit
 * log against the checkpoint of the original. Neither store may be in use during the copy. Private signing keys are copied
 * encrypted. After an interruption, call it again.
 *
 * @returns the checkpoint of the audit log of both stores; `undefined` for an empty log
 * @throws AgentIdentityError the codes of `openStore`; `store_not_ready` if `to` is in use already, or `from` changed
 * during the copy
 * @example
 * ```ts
 * import { copyStore } from 'agent-identity-authority-sql';
 *
 * declare const masterKey: Uint8Array;
 * const from = 'pglite:/var/lib/authority';
 * const checkpoint = await copyStore({ from, to: 'postgres://authority@db.example/agents', masterKey });
 * ```
 */
export async function copyStore(
  options: CopyStoreOptions,
  effects: OpenStoreEffects = {},
): Promise<StoredCheckpoint | undefined> {
  requireKnownOptions(options, ['from', 'to', ...openStoreOptionNames], 'options');
  const { from, to } = options;
  const resolved = resolveStoreOptions(options, effects);
  const source = await openDatabase(from, resolved);
  try {
    const target = await openDatabase(to, resolved);
    try {
      const { copyDatabase } = await import('./copy-database.js');
      return await copyDatabase(source, target, resolved);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function openDatabase(url: string, options: ResolvedStoreOptions): Promise<SqlDatabase> {
  const location = readStoreUrl(url);
  switch (location.kind) {
    case 'pglite': {
      const { openMigratedPglite } = await import('../pglite/open-pglite-store.js');
      return openMigratedPglite(location.folder, options);
    }
    case 'postgres': {
      const { openMigratedPostgres } = await import('../postgres/open-postgres-store.js');
      return openMigratedPostgres(location.url, options);
    }
    default:
      throw sqlError('unsupported_store_url', 'store URL: expected "pglite:DIR" or "postgres://…" to copy');
  }
}
