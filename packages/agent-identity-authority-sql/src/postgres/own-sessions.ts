import { Client } from 'pg';
import { sqlError } from '../errors.js';
import { sqlStateOf } from '../sql/sql-database.js';
import { clientConfig, type PostgresAddress } from './postgres-connection.js';

/**
 * Refuses a pooler that gives a session's next transaction to another connection of the server: `LISTEN` would be lost without
 * an error, and so would the time limits. Two open sessions on one connection, or one on two, prove it.
 *
 * @throws AgentIdentityError `store_not_ready`
 */
export async function requireOwnSessions(address: PostgresAddress): Promise<void> {
  const clients = [new Client(clientConfig(address)), new Client(clientConfig(address))] as const;
  for (const client of clients) client.on('error', () => {});
  const [one, other] = clients;
  try {
    await one.connect();
    const first = await serverProcess(one);
    await other.connect();
    await other.query('begin').catch((error) => {
      // How PgBouncer refuses transactions in statement mode.
      throw sqlStateOf(error) === '08P01' ? shared() : error;
    });
    const second = await serverProcess(other);
    if (first !== undefined && (first === second || first !== (await serverProcess(one)))) throw shared();
  } finally {
    await Promise.allSettled(clients.map((client) => client.end()));
  }
}

/** @returns `undefined` if the database has no such process */
async function serverProcess(client: Client): Promise<unknown> {
  try {
    return (await client.query('select pg_backend_pid() as id')).rows[0]?.id;
  } catch (error) {
    if (['0A000', '42883'].includes(sqlStateOf(error) ?? '')) return undefined;
    throw error;
  }
}

function shared(): Error {
  return sqlError(
    'store_not_ready',
    'the pooler gives each transaction another connection: use its session mode (pool_mode = session in PgBouncer), or ' +
      'connect without the pooler',
  );
}
