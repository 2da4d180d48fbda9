import type { OnFailure } from 'agent-identity-authority-core';
import { withDeadline } from 'agent-identity-core/http';
import { sql } from 'drizzle-orm';
import { Client, type ClientConfig, Pool, type PoolClient } from 'pg';
import { runInTransaction, runStatement } from '../sql/run-in-transaction.js';
import {
  createSqlSession,
  type SqlConnection,
  type SqlDatabase,
  unwrapDrizzleError,
} from '../sql/sql-database.js';
import { changesChannel, formatChange } from './change-notification.js';
import { clientConfig, type PostgresAddress, toPostgresConnection } from './postgres-connection.js';
import { onAnyServer } from './postgres-servers.js';

export interface PostgresDatabaseOptions extends PostgresAddress {
  /** For transactions. */
  readonly maxConnections: number;
  /** For reads: changes that wait for a lock must not keep reads waiting for a connection. */
  readonly maxReadConnections: number;
  /** Whether the server has `pg_notify`. */
  readonly canNotify: boolean;
  readonly onFailure: OnFailure;
}

/**
 * Opens a Postgres server with a bounded number of connections: one pool for changes and one for reads. A call fails when its time is over, whatever it waits
 * for: a free connection, connecting, or a response. Its connection is then closed, and the next call opens a new one.
 */
export function openPostgresDatabase(options: PostgresDatabaseOptions): SqlDatabase {
  const { timeoutSeconds, canNotify, maxConnections, maxReadConnections } = options;
  const writePool = createPool(options, maxConnections);
  const readPool = createPool(options, maxReadConnections);
  const useConnection = <Result>(pool: Pool, work: (connection: SqlConnection) => Promise<Result>) =>
    withDeadline({ timeoutSeconds }, async (signal) =>
      useClient(await onAnyServer(options.servers, () => pool.connect()), work, signal),
    );
  let closing: Promise<void> | undefined;
  return {
    transaction: (work) => useConnection(writePool, (connection) => runInTransaction(connection, work)),
    write: (work) => useConnection(writePool, (connection) => runStatement(connection, work)),
    read: (work) =>
      useConnection(readPool, async (connection) => {
        try {
          return await work(createSqlSession(connection));
        } catch (failure) {
          throw unwrapDrizzleError(failure);
        }
      }),
    async announce(session, change) {
      if (!canNotify) return;
      await session.execute(sql`select pg_notify(${changesChannel}, ${formatChange(change)})`);
    },
    close() {
      // A server that does not respond must not block closing.
      const end = () => Promise.all([writePool.end(), readPool.end()]);
      closing ??= withDeadline({ timeoutSeconds }, end).then(
        () => {},
        () => {},
      );
      return closing;
    },
  };
}

/**
 * An acknowledged change must be on disk, even if the server is configured not to wait for that. The time limits are startup
 * parameters too, which a pooler may ignore.
 */
const setUpSession = `select
  set_config('synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'on' else current_setting('synchronous_commit') end, false),
  set_config('statement_timeout', $1, false),
  set_config('idle_in_transaction_session_timeout', $1, false)`;

function createPool({ onFailure, ...address }: PostgresDatabaseOptions, max: number): Pool {
  const { servers } = address;
  const pool = new Pool({
    ...clientConfig(address),
    max,
    Client: class extends Client {
      constructor(config?: ClientConfig) {
        super({ ...config, connectionString: servers.current() });
      }
    },
    async onConnect(client) {
      await servers.requireWritable(client);
      await client.query(setUpSession, [String(address.timeoutSeconds * 1000)]);
    },
  });
  // Errors of idle connections, which the pool has already removed.
  pool.on('error', onFailure);
  return pool;
}

async function useClient<Result>(
  client: PoolClient,
  work: (connection: SqlConnection) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const connection = toPostgresConnection(client);
  // Running queries fail anyway; without a listener, the event would end the process.
  client.on('error', ignore);
  let isReleased = false;
  const release = (destroy: boolean) => {
    if (isReleased) return;
    isReleased = true;
    client.off('error', ignore);
    client.release(destroy);
  };
  const giveUp = () => release(true);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    signal.throwIfAborted();
    return await work(connection);
  } finally {
    signal.removeEventListener('abort', giveUp);
    release(!connection.isHealthy);
  }
}

function ignore(): void {}
