import type { AuthorityStore } from 'agent-identity-authority-core';
import { createStoreChanges } from 'agent-identity-authority-core/store';
import type { Clock } from 'agent-identity-core';
import { Client } from 'pg';
import type { ResolvedStoreOptions } from '../open-store-options.js';
import { readSchemaVersion } from '../sql/migrate.js';
import { latestSchemaVersion } from '../sql/migrations.js';
import { openSqlStore } from '../sql/open-sql-store.js';
import type { SqlDatabase } from '../sql/sql-database.js';
import type { StoreInspection } from '../sql/store-inspection.js';
import { toOpenError } from '../sql/to-open-error.js';
import { migratePostgres } from './migrate-postgres.js';
import { requireOwnSessions } from './own-sessions.js';
import { clientConfig, type PostgresAddress, toPostgresConnection } from './postgres-connection.js';
import { openPostgresDatabase } from './postgres-database.js';
import { listenForChanges } from './postgres-listener.js';
import { onAnyServer, type PostgresServers, readPostgresServers } from './postgres-servers.js';

/**
 * Opens a store on a Postgres server, which any number of nodes can share. The server must be up now; later it may go down
 * and come back.
 *
 * @param url `postgres://user:password@host:port,host:port/database?…`. **Contains a secret**; errors never contain it.
 * @throws AgentIdentityError `store_not_ready`, `wrong_master_key`, `store_unavailable`
 */
export async function openPostgresStore(url: string, options: ResolvedStoreOptions): Promise<AuthorityStore> {
  const servers = readPostgresServers(url);
  const database = await openMigratedServers(servers, options);
  const changes = createStoreChanges();
  const listener = await listenForChanges({ ...options, servers, notify: changes.notify });
  const close = async () => {
    await Promise.all([listener.close(), database.close()]);
  };
  try {
    return await openSqlStore({ database: { ...database, close }, changes, cipher: options.cipher });
  } catch (error) {
    await close();
    throw toOpenError(error, describeServer(servers));
  }
}

/** @throws AgentIdentityError `store_not_ready`, `store_unavailable` */
export async function openMigratedPostgres(url: string, options: ResolvedStoreOptions): Promise<SqlDatabase> {
  return openMigratedServers(readPostgresServers(url), options);
}

async function openMigratedServers(
  servers: PostgresServers,
  options: ResolvedStoreOptions,
): Promise<SqlDatabase> {
  const address = { ...options, servers };
  try {
    const { canNotify } = await onAnyServer(servers, async () => {
      await requireOwnSessions(address);
      return migratePostgres(address, options.clock());
    });
    return openPostgresDatabase({ ...address, canNotify });
  } catch (error) {
    throw toOpenError(error, describeServer(servers));
  }
}

/**
 * Reads the schema version of a store and the clock of its server, and changes nothing.
 *
 * @throws AgentIdentityError `store_not_ready`, `store_unavailable`
 */
export async function inspectPostgres(url: string, options: ResolvedStoreOptions): Promise<StoreInspection> {
  const servers = readPostgresServers(url);
  try {
    return await onAnyServer(servers, () => inspectServer({ ...options, servers }, options.clock));
  } catch (error) {
    throw toOpenError(error, describeServer(servers));
  }
}

async function inspectServer(address: PostgresAddress, clock: Clock): Promise<StoreInspection> {
  const client = new Client(clientConfig(address));
  client.on('error', () => {});
  try {
    await client.connect();
    await address.servers.requireWritable(client);
    const connection = toPostgresConnection(client);
    const schemaVersion = await readSchemaVersion(connection);
    const before = clock();
    const [[time] = []] = await connection.query('select extract(epoch from clock_timestamp())::text');
    const databaseClockAheadMs = Math.round(Number(time) * 1000 - (before + clock()) / 2);
    return { schemaVersion, latestSchemaVersion, databaseClockAheadMs };
  } finally {
    await client.end();
  }
}

/** Names the host and the database, without the user and the password. */
function describeServer(servers: PostgresServers): string {
  const { host, port, database } = new Client({ connectionString: servers.current() });
  return `the database ${database ?? 'of the user'} at ${host.startsWith('/') ? host : `${host}:${port}`}`;
}
