import type { ClientBase, ClientConfig } from 'pg';
import { type SqlConnection, sqlStateOf } from '../sql/sql-database.js';

/** How a server is reached, and how long it may take. */
export interface PostgresAddress {
  /** `postgres://…`. May hold a password. */
  readonly url: string;
  readonly timeoutMilliseconds: number;
}

/**
 * What the driver is told for every connection. The server gives up by itself too, so that nothing runs on for a client
 * that has gone, and no paused client keeps a lock.
 */
export function clientConfig({ url, timeoutMilliseconds }: PostgresAddress): ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: timeoutMilliseconds,
    statement_timeout: timeoutMilliseconds,
    query_timeout: timeoutMilliseconds,
    idle_in_transaction_session_timeout: timeoutMilliseconds,
    fallback_application_name: 'agent-identity-authority',
    keepAlive: true,
  };
}

/** A connection, and whether it can be used again. */
export interface PostgresConnection extends SqlConnection {
  /** False once a statement has failed for any reason but the statement. */
  readonly usable: boolean;
}

/** The driver's client as a `SqlConnection`. */
export function postgresConnection(client: ClientBase): PostgresConnection {
  let usable = true;
  return {
    async query(statement, parameters = []) {
      try {
        const { rows } = await client.query<unknown[]>({
          text: statement,
          values: [...parameters],
          rowMode: 'array',
        });
        return rows;
      } catch (error) {
        if (isOfTheConnection(sqlStateOf(error))) usable = false;
        throw error;
      }
    },
    get usable() {
      return usable;
    },
  };
}

/** No answer of the server's at all, a connection exception (08), or a server that ends (57P). */
function isOfTheConnection(sqlState: string | undefined): boolean {
  return sqlState === undefined || /^(?:08|57P)/.test(sqlState);
}
