import { sqlError } from '../errors.js';
import { type Migration, migrations } from './migrations.js';
import { type SqlConnection, sqlStateOf } from './sql-database.js';

/** The limit of all migrations, and of waiting for another node's. It is not the limit of other calls. */
export const migrationTimeoutSeconds = 120;

/**
 * Returns the migrations that a database still needs. Only reads.
 *
 * @throws AgentIdentityError `store_not_ready` for the schema of a later release
 */
export async function pendingMigrations(
  connection: SqlConnection,
  steps: readonly Migration[] = migrations,
): Promise<readonly Migration[]> {
  const current = await readSchemaVersion(connection);
  const latest = steps.at(-1)?.version ?? 0;
  if (current > latest) {
    throw sqlError(
      'store_not_ready',
      `the database has schema version ${current}, and this release supports up to ${latest}: update this release`,
    );
  }
  return steps.filter(({ version }) => version > current);
}

/**
 * Migrates a database to the schema of this release, one transaction for each migration. It only reads if the database is
 * up to date, so a user without the right to change the schema can open it.
 *
 * The caller should prevent concurrent migrations. Otherwise, the primary key of the version lets one succeed; the others
 * fail and must start again.
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

/** The schema version of a database; 0 if it has no store. */
export async function readSchemaVersion(connection: SqlConnection): Promise<number> {
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
  // "if not exists" also needs the right to create a schema, which an administrator may have done instead.
  const existing = await connection.query(
    "select 1 from pg_catalog.pg_namespace where nspname = 'agent_identity'",
  );
  if (existing.length === 0) await connection.query('create schema if not exists agent_identity');
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
