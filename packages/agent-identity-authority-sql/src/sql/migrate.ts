import { sqlError } from '../errors.js';
import { type Migration, migrations } from './migrations.js';
import { type SqlConnection, sqlStateOf } from './sql-database.js';

/**
 * The migrations that a database has yet to get; none if it is up to date. Reads only.
 *
 * @throws AgentIdentityError `store_not_ready` for a schema of a later release
 */
export async function pendingMigrations(
  connection: SqlConnection,
  steps: readonly Migration[] = migrations,
): Promise<readonly Migration[]> {
  const present = await presentVersion(connection);
  const known = steps.at(-1)?.version ?? 0;
  if (present > known) {
    throw sqlError(
      'store_not_ready',
      `the database has version ${present} of the schema, and this release knows up to ${known}: update it`,
    );
  }
  return steps.filter(({ version }) => version > present);
}

/**
 * Brings a database to the schema of this release, one migration a transaction. If it is there already, this only reads:
 * a user without the right to change the schema can then still open it.
 *
 * The caller keeps others from doing the same at the same time. Where it cannot, the primary key of the version lets one
 * of them win; the others fail and must begin again.
 *
 * @throws AgentIdentityError `store_not_ready`
 */
export async function migrate(
  connection: SqlConnection,
  now: number,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  const pending = await pendingMigrations(connection, steps);
  if (pending[0]?.version === 1) await addVersionTable(connection);
  for (const step of pending) await apply(connection, step, now);
}

async function presentVersion(connection: SqlConnection): Promise<number> {
  try {
    const [[version] = []] = await connection.query(
      'select coalesce(max(version), 0) from agent_identity.schema_migrations',
    );
    return Number(version);
  } catch (error) {
    if (sqlStateOf(error) === '42P01') return 0;
    throw error;
  }
}

async function addVersionTable(connection: SqlConnection): Promise<void> {
  // Even "if not exists" asks for the right to make one, which is not needed where an administrator has made it.
  const present = await connection.query(
    "select 1 from pg_catalog.pg_namespace where nspname = 'agent_identity'",
  );
  if (present.length === 0) await connection.query('create schema if not exists agent_identity');
  await connection.query(
    'create table if not exists agent_identity.schema_migrations (version bigint primary key, applied_at bigint not null)',
  );
}

async function apply(
  connection: SqlConnection,
  { version, statements }: Migration,
  now: number,
): Promise<void> {
  await connection.query('begin');
  try {
    await connection.query(
      'insert into agent_identity.schema_migrations (version, applied_at) values ($1, $2)',
      [version, now],
    );
    for (const statement of statements) await connection.query(statement);
    await connection.query('commit');
  } catch (error) {
    await connection.query('rollback').catch(() => {});
    throw error;
  }
}
