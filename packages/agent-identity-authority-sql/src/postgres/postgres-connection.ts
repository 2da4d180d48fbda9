import type { ClientBase, ClientConfig } from 'pg';
import { type SqlConnection, sqlStateOf } from '../sql/sql-database.js';
import type { PostgresServers } from './postgres-servers.js';

/** How to reach the server, and the limit of each call. */
export interface PostgresAddress {
  readonly servers: PostgresServers;
  readonly timeoutSeconds: number;
}

/**
 * The configuration of every connection. The server enforces the time limits too, so that no statement runs on for a client
 * that is gone, and no paused client keeps a lock.
 */
export function clientConfig({ servers, timeoutSeconds }: PostgresAddress): ClientConfig {
  const milliseconds = timeoutSeconds * 1000;
  return {
    connectionString: servers.current(),
    connectionTimeoutMillis: milliseconds,
    statement_timeout: milliseconds,
    query_timeout: milliseconds,
    idle_in_transaction_session_timeout: milliseconds,
    fallback_application_name: 'agent-identity-authority',
    keepAlive: true,
  };
}

/** A connection that knows whether it can be used again. */
export interface PostgresConnection extends SqlConnection {
  /** False after a failure that was not the statement's fault. */
  readonly isHealthy: boolean;
}

/** Adapts the driver's client to `SqlConnection`. */
export function toPostgresConnection(client: ClientBase): PostgresConnection {
  let isHealthy = true;
  return {
    async query(statement, parameters = [], name = undefined) {
      try {
        const { rows } = await client.query<unknown[]>({
          text: statement,
          ...(name !== undefined && { name }),
          values: [...parameters],
          rowMode: 'array',
        });
        return rows;
      } catch (error) {
        if (isConnectionFailure(sqlStateOf(error))) isHealthy = false;
        throw error;
      }
    },
    get isHealthy() {
      return isHealthy;
    },
  };
}

/** No response from the server, a connection exception (08), a server that shuts down (57P) or has become a standby (25006). */
function isConnectionFailure(sqlState: string | undefined): boolean {
  return sqlState === undefined || /^(?:08|57P|25006)/.test(sqlState);
}
