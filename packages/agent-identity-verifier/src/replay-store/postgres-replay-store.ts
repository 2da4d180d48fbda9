import {
  type HttpEffects,
  invalidArgument,
  requireKnownOptions,
  requireMethods,
  requireSeconds,
  resolveEffects,
  withDeadline,
} from 'agent-identity-core/http';
import { createFailureReporter, describeError } from '../create-failure-reporter.js';
import { requireListener } from '../errors.js';
import type { ReplayStore } from './replay-store.js';

export type { ReplayStore } from './replay-store.js';

/** The part of a `Pool` of the package `pg` that the store uses. */
export interface PostgresPool {
  query(statement: string, parameters?: unknown[]): Promise<{ readonly rowCount: number | null }>;
}

/** Options for `postgresReplayStore`. */
export interface PostgresReplayStoreOptions {
  /** A `Pool` of the package `pg` (8). The store does not end it. */
  readonly pool: PostgresPool;
  /**
   * The table, with or without a schema. Services that share it accept an assertion once together. Default:
   * `used_agent_assertions`.
   */
  readonly table?: string | undefined;
  /** Time limit of one statement, in seconds, including the wait for a connection. Default: 2. */
  readonly timeoutSeconds?: number | undefined;
  /** How often expired rows are deleted while the store is used, in seconds. Default: 60. */
  readonly cleanUpSeconds?: number | undefined;
  /** Called with each error of the clean-up, which fails no request. Exceptions are ignored. Default: a process warning. */
  readonly onCleanUpFailure?: ((error: unknown) => void) | undefined;
}

/** A replay store on Postgres. */
export interface PostgresReplayStore extends ReplayStore {
  /**
   * Creates the table and its index unless they exist: call it at startup, also on several nodes at once. A database user
   * without the right to create tables needs `INSERT`, `SELECT`, `UPDATE` and `DELETE` on a table that your migrations
   * create; docs/verifier.md has the statements.
   */
  createTable(): Promise<void>;
}

/** Rows that one statement deletes, so that it holds few locks for a short time. */
const batchSize = 1000;

/** The number of statements of one cleanup. The next one continues. */
const maxBatches = 100;

const optionNames = ['pool', 'table', 'timeoutSeconds', 'cleanUpSeconds', 'onCleanUpFailure'];

/**
 * Creates a replay store on Postgres 13 or later, for several nodes: one `INSERT … ON CONFLICT DO NOTHING` for each
 * assertion. Expired rows are deleted in batches while the store is used; there is no timer, and nothing to close. A
 * failover to an asynchronous standby can forget the rows that were not replicated yet.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { type AgentDirectory, createAssertionVerifier } from 'agent-identity-verifier';
 * import { postgresReplayStore } from 'agent-identity-verifier/postgres-replay-store';
 * import { Pool } from 'pg';
 *
 * async function createVerifier(directory: AgentDirectory, connectionString: string) {
 *   const replayStore = postgresReplayStore({ pool: new Pool({ connectionString }) });
 *   await replayStore.createTable();
 *   return createAssertionVerifier({ directory, generations: [1, 2], replayStore });
 * }
 * ```
 */
export function postgresReplayStore(
  options: PostgresReplayStoreOptions,
  effects: Pick<HttpEffects, 'monotonicClock'> = {},
): PostgresReplayStore {
  const { pool, table, timeoutSeconds, cleanUpSeconds, onCleanUpFailure } = resolveOptions(options);
  requireKnownOptions(effects, ['monotonicClock'], 'effects');
  const { monotonicClock } = resolveEffects(effects);
  const report = createFailureReporter<unknown>(
    onCleanUpFailure,
    (error) => `the clean-up of the replay store on Postgres failed: ${describeError(error)}`,
    monotonicClock,
  );
  let cleanedUpAt = monotonicClock();

  const query = (statement: string, parameters?: unknown[]) =>
    withDeadline({ timeoutSeconds }, () => pool.query(statement, parameters));

  async function deleteExpired(): Promise<void> {
    for (let batch = 0; batch < maxBatches; batch += 1) {
      const { rowCount } = await query(deleteExpiredStatement(table));
      if ((rowCount ?? 0) < batchSize) return;
    }
  }

  return {
    async createTable() {
      await query(createTableStatements(table));
    },
    async markUsed(key, ttlSeconds) {
      const { rowCount } = await query(insertStatement(table), [key, ttlSeconds]);
      if (rowCount !== 0 && rowCount !== 1) {
        throw invalidArgument('pool', 'a Pool of pg, whose results have a rowCount', rowCount);
      }
      if (monotonicClock() - cleanedUpAt >= cleanUpSeconds * 1000) {
        cleanedUpAt = monotonicClock();
        deleteExpired().catch(report);
      }
      return rowCount === 1;
    },
  };
}

function resolveOptions(options: PostgresReplayStoreOptions) {
  requireKnownOptions(options, optionNames, 'options');
  const { pool, table = 'used_agent_assertions', onCleanUpFailure } = options;
  const { timeoutSeconds = 2, cleanUpSeconds = 60 } = options;
  requireMethods(pool, ['query'], 'pool', 'a Pool of the package pg');
  if (typeof table !== 'string' || !/^(?:[a-z_][a-z0-9_]{0,62}\.)?[a-z_][a-z0-9_]{0,49}$/.test(table)) {
    throw invalidArgument(
      'table',
      'a name of at most 50 lower-case letters, digits and _, after a schema or not',
      table,
    );
  }
  requireSeconds(timeoutSeconds, 'timeoutSeconds', { min: 0.001, max: 60 });
  requireSeconds(cleanUpSeconds, 'cleanUpSeconds', { min: 1, max: 86_400 });
  requireListener(onCleanUpFailure, 'onCleanUpFailure');
  return { pool, table, timeoutSeconds, cleanUpSeconds, onCleanUpFailure };
}

/**
 * One query, which Postgres runs as one transaction. Without the lock, two nodes that start at once fail with a duplicate
 * name.
 */
function createTableStatements(table: string): string {
  return `select pg_advisory_xact_lock(hashtext('${table}'));
create table if not exists ${quote(table)} (key text primary key, expires_at timestamptz not null);
create index if not exists ${quote(`${table.split('.').at(-1)}_expires_at`)} on ${quote(table)} (expires_at)`;
}

/** A transaction that inserts the same key waits here for the outcome of the first one, so exactly one inserts a row. */
function insertStatement(table: string): string {
  return `insert into ${quote(table)} (key, expires_at)
values ($1, now() + make_interval(secs => $2)) on conflict do nothing`;
}

/** Skips rows that the clean-up of another node is deleting. */
function deleteExpiredStatement(table: string): string {
  return `delete from ${quote(table)} where key in (
select key from ${quote(table)} where expires_at < now() order by expires_at limit ${batchSize} for update skip locked)`;
}

function quote(name: string): string {
  return `"${name.replace('.', '"."')}"`;
}
