import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { migrate, pendingMigrations } from '../sql/migrate.js';
import { type SqlConnection, sqlStateOf } from '../sql/sql-database.js';
import { clientConfig, type PostgresAddress, postgresConnection } from './postgres-connection.js';

/** Any number that is always the same: who has this lock changes the schema. */
const migrationLock = 0x61_69_61;

/** How long a migration may take, and the wait for another node's. */
const migrationMilliseconds = 120_000;

const maxAttempts = 10;

/** What a server can do of what not every database that speaks Postgres' SQL can. */
export interface PostgresAbilities {
  readonly canNotify: boolean;
}

/** Brings a server's schema up to date, one node at a time, on a connection of its own. */
export async function migratePostgres(address: PostgresAddress, now: number): Promise<PostgresAbilities> {
  const client = new Client({
    ...clientConfig(address),
    statement_timeout: migrationMilliseconds,
    query_timeout: migrationMilliseconds,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    const connection = postgresConnection(client);
    if ((await pendingMigrations(connection)).length > 0) await migrateAlone(connection, now);
    return { canNotify: await isSupported(connection, "select pg_notify('agent_identity', '')") };
  } finally {
    // With the session ends its lock.
    await client.end();
  }
}

/**
 * Migrates under an advisory lock. A database that has none lets all nodes try; whoever meets the traces of another one
 * begins again, and finds less to do.
 */
async function migrateAlone(connection: SqlConnection, now: number): Promise<void> {
  await isSupported(connection, `select pg_advisory_lock(${migrationLock})`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await migrate(connection, now);
    } catch (failure) {
      if (attempt === maxAttempts || !isTraceOfAnother(sqlStateOf(failure))) throw failure;
      await sleep(100 * attempt);
    }
  }
}

/** Somebody has made the same thing (23505, 42P06, 42P07), or both have changed the same rows (40001, XX000). */
function isTraceOfAnother(sqlState: string | undefined): boolean {
  return ['23505', '42P06', '42P07', '40001', 'XX000'].includes(sqlState ?? '');
}

/** Whether the server knows this, by trying it. */
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
