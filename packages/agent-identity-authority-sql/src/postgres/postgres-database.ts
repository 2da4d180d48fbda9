import type { OnFailure } from 'agent-identity-authority-core';
import { sql } from 'drizzle-orm';
import { Pool, type PoolClient } from 'pg';
import { inTransaction } from '../sql/in-transaction.js';
import { type SqlConnection, type SqlDatabase, sqlSession, unwrapDrizzleError } from '../sql/sql-database.js';
import { withDeadline } from '../with-deadline.js';
import { changesChannel, printChange } from './change-notification.js';
import { clientConfig, type PostgresAddress, postgresConnection } from './postgres-connection.js';

export interface PostgresDatabaseOptions extends PostgresAddress {
  readonly maxConnections: number;
  /** Whether the server knows `pg_notify`. */
  readonly canNotify: boolean;
  readonly onFailure: OnFailure;
}

/**
 * A Postgres server, by a bounded number of connections. A call gives up when its time is over, wherever it is: waiting
 * for a connection, connecting, or for an answer. Its connection then goes, and the next call makes another one.
 */
export function postgresDatabase(options: PostgresDatabaseOptions): SqlDatabase {
  const { timeoutMilliseconds, canNotify } = options;
  const pool = connectionPool(options);
  const connected = <Answer>(work: (connection: SqlConnection) => Promise<Answer>) =>
    withDeadline(timeoutMilliseconds, async (signal) => useClient(await pool.connect(), work, signal));
  let closing: Promise<void> | undefined;
  return {
    transaction: (work) => connected((connection) => inTransaction(connection, work)),
    read: (work) =>
      connected(async (connection) => {
        try {
          return await work(sqlSession(connection));
        } catch (failure) {
          throw unwrapDrizzleError(failure);
        }
      }),
    async announce(session, change) {
      if (!canNotify) return;
      await session.execute(sql`select pg_notify(${changesChannel}, ${printChange(change)})`);
    },
    close() {
      // A server that does not answer cannot keep this from ending.
      closing ??= withDeadline(timeoutMilliseconds, () => pool.end()).catch(() => {});
      return closing;
    },
  };
}

/** What is acknowledged must be on the disk, also where the server is set up not to wait for that. */
const waitForTheDisk =
  "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'";

function connectionPool({ maxConnections, onFailure, ...address }: PostgresDatabaseOptions): Pool {
  const pool = new Pool({
    ...clientConfig(address),
    max: maxConnections,
    onConnect: (client) => client.query(waitForTheDisk),
  });
  // Of connections that nobody is using: the pool has let go of them already.
  pool.on('error', onFailure);
  return pool;
}

async function useClient<Answer>(
  client: PoolClient,
  work: (connection: SqlConnection) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const connection = postgresConnection(client);
  // What is under way fails by itself; without a listener, the event would end the process.
  client.on('error', ignore);
  let released = false;
  const release = (destroy: boolean) => {
    if (released) return;
    released = true;
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
    release(!connection.usable);
  }
}

function ignore(): void {}
