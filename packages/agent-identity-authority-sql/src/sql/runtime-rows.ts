import type { StoredAgentRuntime } from 'agent-identity-authority-core';
import { runtimeStatus } from 'agent-identity-authority-core/store';
import { and, eq, getTableColumns, inArray, isNull, sql } from 'drizzle-orm';
import { selectRaw } from './raw-rows.js';
import { agentRuntimes, type RuntimeRow } from './schema.js';
import type { SqlSession } from './sql-database.js';
import type { NotifyAfterCommit } from './sql-store-parts.js';

type Columns = ReturnType<typeof getTableColumns<typeof agentRuntimes>>;

/** The columns of a stored runtime, without those that only the statuses of descendants need. */
export const runtimeColumns: Omit<Columns, 'parentAgentRuntimeId' | 'ownSuspendedAt'> = (() => {
  const { parentAgentRuntimeId, ownSuspendedAt, ...columns } = getTableColumns(agentRuntimes);
  return columns;
})();

/** The row of a runtime that is added. */
export function toRow(runtime: StoredAgentRuntime): RuntimeRow {
  const parentAgentRuntimeId = runtime.lineage.at(-1) ?? null;
  return { ...runtime, parentAgentRuntimeId, ownSuspendedAt: runtime.suspendedAt };
}

/**
 * Locks the lineage of a runtime against changes, from its root on, so that a change of one of them and a change of the runtime
 * come one after the other.
 */
export async function lockLineage(session: SqlSession, lineage: readonly string[]): Promise<RuntimeRow[]> {
  const locked: RuntimeRow[] = [];
  for (const id of lineage) {
    const matches = eq(agentRuntimes.agentRuntimeId, id);
    locked.push(...(await session.select().from(agentRuntimes).where(matches).for('share')));
  }
  return locked;
}

/** Whether all of a locked lineage may act. */
export function mayAct(
  locked: readonly RuntimeRow[],
  { lineage, createdAt }: Pick<StoredAgentRuntime, 'lineage' | 'createdAt'>,
): boolean {
  return (
    locked.length === lineage.length && locked.every((row) => runtimeStatus(row, createdAt) === 'active')
  );
}

/** The unrevoked descendants of runtimes. Call it after these are locked: then there will be no others. */
export async function findDescendants(session: SqlSession, ids: readonly string[]): Promise<RuntimeRow[]> {
  if (ids.length === 0) return [];
  const { parentAgentRuntimeId } = agentRuntimes;
  const rows = await selectRaw(
    session,
    sql`with recursive descendant (id) as (
      select agent_runtime_id from ${agentRuntimes} where ${inArray(parentAgentRuntimeId, [...ids])}
      union
      select child.agent_runtime_id from ${agentRuntimes} as child
      join descendant on child.parent_agent_runtime_id = descendant.id
    ) select id from descendant`,
  );
  if (rows.length === 0) return [];
  const descendantIds = rows.map(([id]) => String(id));
  return session
    .select()
    .from(agentRuntimes)
    .where(and(inArray(agentRuntimes.agentRuntimeId, descendantIds), isNull(agentRuntimes.revokedAt)));
}

/** Above this number, other nodes drop all that they have cached. */
const maxNotifications = 100;

/** Reports the change of runtimes. */
export async function notifyOfRuntimes(notify: NotifyAfterCommit, ids: readonly string[]): Promise<void> {
  for (const agentRuntimeId of ids.slice(0, maxNotifications)) {
    await notify({ kind: 'agent_runtime_changed', agentRuntimeId });
  }
  if (ids.length > maxNotifications) await notify({ kind: 'anything_may_have_changed' });
}
