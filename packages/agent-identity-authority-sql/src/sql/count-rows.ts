import type { RowCounts } from 'agent-identity-authority-core';
import { sql } from 'drizzle-orm';
import { selectRaw } from './raw-rows.js';
import type { SqlDatabase, SqlSession } from './sql-database.js';

/** Up to this many rows are counted; counting more would read a large part of the table. */
const maxCounted = 100_000;

const tables: Readonly<Record<keyof RowCounts, string>> = {
  agentRuntimes: 'agent_identity.agent_runtimes',
  agentTasks: 'agent_identity.agent_tasks',
  runtimeAgentInstances: 'agent_identity.runtime_agent_instances',
  auditEntries: 'agent_identity.audit_log',
  waitingAuditEntries: 'agent_identity.audit_pending',
};

/** Counts small tables, and asks the database for its own estimate of large ones. */
export function countRows(database: SqlDatabase): Promise<RowCounts> {
  return database.read(async (session) => ({
    agentRuntimes: await countTable(session, tables.agentRuntimes),
    agentTasks: await countTable(session, tables.agentTasks),
    runtimeAgentInstances: await countTable(session, tables.runtimeAgentInstances),
    auditEntries: await countTable(session, tables.auditEntries),
    waitingAuditEntries: await countTable(session, tables.waitingAuditEntries),
  }));
}

async function countTable(session: SqlSession, table: string): Promise<number> {
  const [row] = await selectRaw(
    session,
    sql`select (select count(*) from (select 1 from ${sql.raw(table)} limit ${maxCounted}) as counted),
      (select reltuples from pg_class where oid = ${table}::regclass)`,
  );
  const [counted, estimate] = (row ?? []).map(Number);
  return Math.max(counted ?? 0, (counted ?? 0) < maxCounted ? 0 : Math.round(estimate ?? 0));
}
