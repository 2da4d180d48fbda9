import type { EpochMilliseconds, StoredAgentRuntime } from 'agent-identity-authority-core';
import { expiresAfter, runtimeStatus } from 'agent-identity-authority-core/store';
import { eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
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

/** The ids of the unrevoked descendants of runtimes that expire after a time. A runtime that ended ended its descendants too. */
function descendantIds(ids: readonly string[], after: EpochMilliseconds): SQL {
  return sql`with recursive descendant (id) as (
    select agent_runtime_id from ${agentRuntimes} as child
    where child.parent_agent_runtime_id = any(${sql.param(ids)}::text[])
      and child.revoked_at is null and (child.expires_at is null or child.expires_at > ${after})
    union
    select child.agent_runtime_id from ${agentRuntimes} as child
    join descendant on child.parent_agent_runtime_id = descendant.id
    where child.revoked_at is null and (child.expires_at is null or child.expires_at > ${after})
  )`;
}

/** The descendants of runtimes that may still act. Call it after these are locked: then there will be no others. */
export async function findDescendants(
  session: SqlSession,
  ids: readonly string[],
  at: EpochMilliseconds,
): Promise<RuntimeRow[]> {
  const rows = await selectRaw(
    session,
    sql`${descendantIds(ids, expiresAfter(at))} select id from descendant`,
  );
  if (rows.length === 0) return [];
  return session
    .select()
    .from(agentRuntimes)
    .where(isOneOf(rows.map(([id]) => String(id))));
}

/** How many descendants of a runtime may still act. */
export async function countDescendants(
  session: SqlSession,
  agentRuntimeId: string,
  at: EpochMilliseconds,
): Promise<number> {
  const counting = sql`${descendantIds([agentRuntimeId], at)} select count(*) from descendant`;
  const [row] = await selectRaw(session, counting);
  return Number(row?.[0]);
}

/** One parameter for any number of ids: a statement has at most 65,535. */
export function isOneOf(ids: readonly string[]): SQL {
  return sql`${agentRuntimes.agentRuntimeId} = any(${sql.param(ids)}::text[])`;
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
