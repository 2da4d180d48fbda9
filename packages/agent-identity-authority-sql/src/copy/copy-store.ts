import type { AuditCheckpoint } from 'agent-identity-authority-core';
import { sqlError } from '../errors.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import type { StoreEffects, StoreOptions } from '../store-options.js';
import { type CheckedStoreOptions, requireStoreOptions } from '../store-options.js';
import { readStoreUrl } from '../store-url.js';

/** From where to where. Both are `pglite:DIR` or `postgres://…`. */
export interface StoreCopy {
  readonly from: string;
  /** A store that nobody has used yet. */
  readonly to: string;
}

/**
 * Copies all that a store holds into another one, such as from PGlite to a Postgres server, and verifies the copy's
 * audit log against the head of the original. Nobody may use either meanwhile. Private signing keys are copied as they
 * are, encrypted: the same master key opens them. After an interruption, it can be done again.
 *
 * @returns where the audit log of both ends
 * @throws AgentIdentityError those of `openStore`; `store_not_ready` if the one is in use already or the other was
 * changed meanwhile
 */
export async function copyStore(
  { from, to }: StoreCopy,
  options: StoreOptions = {},
  effects: StoreEffects = {},
): Promise<AuditCheckpoint> {
  const checked = requireStoreOptions(options, effects);
  const source = await openDatabase(from, checked);
  try {
    const target = await openDatabase(to, checked);
    try {
      const { copyDatabase } = await import('./copy-database.js');
      return await copyDatabase(source, target, checked);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function openDatabase(url: string, options: CheckedStoreOptions): Promise<SqlDatabase> {
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
