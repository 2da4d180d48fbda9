import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import {
  agentRuntimes,
  agentTasks,
  auditLog,
  auditLogKeys,
  auditPending,
  auditTiles,
  enrollmentTokens,
  replacedAgentKeys,
  runtimeAgentInstances,
  signingKeys,
} from '../sql/schema.js';
import type { SqlDatabase } from '../sql/sql-database.js';

type RawRow = readonly unknown[];

/** All tables except the checkpoint of the audit log, referenced tables first, with the columns to page by. */
const tables: readonly (readonly [PgTable, key: readonly PgColumn[]])[] = [
  [agentRuntimes, [agentRuntimes.agentRuntimeId]],
  [replacedAgentKeys, [replacedAgentKeys.publicKeySsh]],
  [agentTasks, [agentTasks.agentRuntimeId, agentTasks.taskId]],
  [runtimeAgentInstances, [runtimeAgentInstances.runtimeAgentInstanceId]],
  [enrollmentTokens, [enrollmentTokens.enrollmentTokenId]],
  [signingKeys, [signingKeys.kid]],
  [auditLogKeys, [auditLogKeys.origin]],
  [auditPending, [auditPending.id]],
  [auditLog, [auditLog.index]],
  [auditTiles, [auditTiles.level, auditTiles.tileIndex]],
];

const rowsPerBatch = 200;

/** Copies the rows of all tables. It skips rows that exist already, so it can be repeated after an interruption. */
export async function copyRows(from: SqlDatabase, to: SqlDatabase): Promise<void> {
  for (const [table, key] of tables) {
    const columns = Object.values(getTableColumns(table)) as readonly PgColumn[];
    let last: RawRow | undefined;
    do {
      const rows = await read(from, selectAfter(table, columns, key, last));
      if (rows.length > 0) await to.transaction((session) => session.execute(insert(table, columns, rows)));
      const lastRow = rows.at(-1);
      last = lastRow && key.map((column) => lastRow[columns.indexOf(column)]);
    } while (last !== undefined);
  }
}

function read(database: SqlDatabase, statement: SQL): Promise<readonly RawRow[]> {
  return database.read(async (session) => (await session.execute(statement)) as unknown as RawRow[]);
}

function selectAfter(
  table: PgTable,
  columns: readonly PgColumn[],
  key: readonly PgColumn[],
  last: RawRow | undefined,
): SQL {
  const where = last === undefined ? sql`` : sql`where (${list(key)}) > (${values(last)})`;
  return sql`select ${list(columns)} from ${table} ${where} order by ${list(key)} limit ${sql.raw(String(rowsPerBatch))}`;
}

function insert(table: PgTable, columns: readonly PgColumn[], rows: readonly RawRow[]): SQL {
  const names = sql.join(
    columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  );
  const tuples = sql.join(
    rows.map((row) => sql`(${values(row)})`),
    sql`, `,
  );
  return sql`insert into ${table} (${names}) values ${tuples} on conflict do nothing`;
}

function list(columns: readonly PgColumn[]): SQL {
  return sql.join([...columns], sql`, `);
}

function values(row: RawRow): SQL {
  return sql.join(
    row.map((value) => sql`${value}`),
    sql`, `,
  );
}
