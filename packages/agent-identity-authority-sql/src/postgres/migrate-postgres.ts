import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { sqlError } from '../errors.js';
import type { ResolvedStoreOptions } from '../open-store-options.js';
import { migrate, migrationTimeoutSeconds, pendingMigrations } from '../sql/migrate.js';
import { type SqlConnection, sqlStateOf } from '../sql/sql-database.js';
import { clientConfig, type PostgresAddress, toPostgresConnection } from './postgres-connection.js';

/** An arbitrary constant: the holder of this advisory lock migrates the schema. */
const migrationLock = 0x61_69_61;

const maxAttempts = 10;

/** Which optional features a server has. Not every database that speaks Postgres' SQL has them. */
export interface PostgresFeatures {
  readonly canNotify: boolean;
}

/** Migrates a server's schema on a separate connection, one node at a time. */
export async function migratePostgres(
  { ifMissing, ...address }: PostgresAddress & Pick<ResolvedStoreOptions, 'ifMissing'>,
  now: number,
): Promise<PostgresFeatures> {
  const client = new Client({
    ...clientConfig(address),
    statement_timeout: migrationTimeoutSeconds * 1000,
    query_timeout: migrationTimeoutSeconds * 1000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await address.servers.requireWritable(client);
    const connection = toPostgresConnection(client);
    const [next] = await pendingMigrations(connection);
    if (next?.version === 1 && ifMissing === 'refuse')
      throw sqlError('store_not_ready', 'the database has no store');
    if (next !== undefined) await migrateLocked(connection, now);
    return { canNotify: await isSupported(connection, "select pg_notify('agent_identity', '')") };
  } finally {
    // The lock ends with the session.
    await client.end();
  }
}

/**
 * Migrates under an advisory lock. Without advisory locks, all nodes try; a node that collides with another starts again,
 * and finds less to do.
 */
async function migrateLocked(connection: SqlConnection, now: number): Promise<void> {
  await isSupported(connection, `select pg_advisory_lock(${migrationLock})`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await migrate(connection, now);
    } catch (failure) {
      if (attempt === maxAttempts || !isCollision(sqlStateOf(failure))) throw failure;
      await sleep(100 * attempt);
    }
  }
}

/** Another node has created the same object (23505, 42710, 42P06, 42P07) or changed the same rows (40001, XX000). */
function isCollision(sqlState: string | undefined): boolean {
  return ['23505', '42710', '42P06', '42P07', '40001', 'XX000'].includes(sqlState ?? '');
}

/** Whether the server supports a statement, by running it. */
async function isSupported(connection: SqlConnection, statement: string): Promise<boolean> {
  try {
    await connection.query(statement);
    return true;
  } catch (failure) {
    // feature_not_supported, undefined_function
    if (['0A000', '42883'].includes(sqlStateOf(failure) ?? '')) return false;
    throw failure;
  }
}
