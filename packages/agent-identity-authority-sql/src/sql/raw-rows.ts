import type { EncodableAuditEntry } from 'agent-identity-authority-core/store';
import type { SQL } from 'drizzle-orm';
import type { SqlSession } from './sql-database.js';

/** Runs a statement and returns its rows as arrays, as the driver returns them. */
export async function selectRaw(
  session: SqlSession,
  statement: SQL,
): Promise<readonly (readonly unknown[])[]> {
  return (await session.execute(statement)) as unknown as readonly (readonly unknown[])[];
}

/** The entry of a row with these columns: id, at, actor, action, agent_runtime_id, task_id, details. */
export function toEntryRow(row: readonly unknown[]): EncodableAuditEntry {
  const [id, at, actor, action, agentRuntimeId, taskId, detailsJson] = row;
  return {
    id: String(id),
    at: Number(at),
    actor: String(actor),
    action: String(action),
    agentRuntimeId: agentRuntimeId as string | null,
    taskId: taskId as string | null,
    detailsJson: String(detailsJson),
  };
}
