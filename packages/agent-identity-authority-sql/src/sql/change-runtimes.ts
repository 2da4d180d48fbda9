import type {
  AuditEntryDraft,
  EpochMilliseconds,
  RuntimeStore,
  StoredAgentRuntime,
} from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  requireStorableText,
  suspendedAtOf,
} from 'agent-identity-authority-core/store';
import { and, eq, inArray, isNull } from 'drizzle-orm';
import { findDescendants, lockLineage, notifyOfRuntimes, runtimeColumns } from './runtime-rows.js';
import { agentRuntimes, agentTasks, type RuntimeRow } from './schema.js';
import { appendAuditEntries } from './sql-audit-log.js';
import type { SqlSession } from './sql-database.js';
import { type NotifyAfterCommit, type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

/** The changes of one runtime and its descendants. */
export function createRuntimeChanges(
  parts: SqlStoreParts,
): Pick<
  RuntimeStore,
  'revokeAgentRuntime' | 'suspendAgentRuntime' | 'resumeAgentRuntime' | 'changeAgentRuntimeKey'
> {
  return {
    revokeAgentRuntime: async (agentRuntimeId, revokedAt, origin) =>
      changeTree(parts, agentRuntimeId, {
        hasEffect: (runtime) => runtime.revokedAt === null,
        change: (session, { runtime }, descendants) =>
          markRevoked(session, [runtime, ...descendants], revokedAt),
        entry: auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin),
      }),
    suspendAgentRuntime: async (agentRuntimeId, suspendedAt, origin) =>
      changeTree(parts, agentRuntimeId, {
        hasEffect: (runtime) => runtime.revokedAt === null && runtime.ownSuspendedAt === null,
        change: (...tree) => setSuspension(suspendedAt, ...tree),
        entry: auditedChange.agentRuntimeSuspended(agentRuntimeId, suspendedAt, origin),
      }),
    resumeAgentRuntime: async (agentRuntimeId, resumedAt, origin) =>
      changeTree(parts, agentRuntimeId, {
        hasEffect: (runtime) => runtime.ownSuspendedAt !== null,
        change: (...tree) => setSuspension(null, ...tree),
        entry: auditedChange.agentRuntimeResumed(agentRuntimeId, resumedAt, origin),
      }),
    changeAgentRuntimeKey: (...args) => changeKey(parts, ...args),
  };
}

/** Marks runtimes as revoked. */
export async function markRevoked(
  session: SqlSession,
  rows: readonly RuntimeRow[],
  revokedAt: EpochMilliseconds,
): Promise<readonly RuntimeRow[]> {
  await updateRows(session, rows, { revokedAt });
  return rows;
}

/** A runtime, locked for a change, and the lineage that it descends from. */
interface LockedRuntime {
  readonly runtime: RuntimeRow;
  readonly lineage: readonly RuntimeRow[];
}

interface TreeChange {
  readonly hasEffect: (runtime: RuntimeRow) => boolean;
  /** Returns the rows that have changed. */
  readonly change: (
    session: SqlSession,
    locked: LockedRuntime,
    descendants: readonly RuntimeRow[],
  ) => Promise<readonly RuntimeRow[]>;
  readonly entry: AuditEntryDraft;
}

/** Changes a runtime and its unrevoked descendants; returns whether it exists. */
async function changeTree(
  parts: SqlStoreParts,
  agentRuntimeId: string,
  { hasEffect, change, entry }: TreeChange,
): Promise<boolean> {
  if (!isStorableText(agentRuntimeId)) return false;
  return transactAndNotify(parts, async (session, notify) => {
    const locked = await lockRuntime(session, agentRuntimeId);
    if (locked === undefined || !hasEffect(locked.runtime)) return locked !== undefined;
    const descendants = await findDescendants(session, [agentRuntimeId]);
    const changed = await change(session, locked, descendants);
    await notifyOfRuntimes(
      notify,
      changed.map((row) => row.agentRuntimeId),
    );
    const entries = changed
      .filter((row) => row.agentRuntimeId !== agentRuntimeId)
      .map((row) => auditedChange.withAncestor(entry, row.agentRuntimeId));
    await appendAuditEntries(parts, session, [entry, ...entries]);
    return true;
  });
}

async function lockRuntime(session: SqlSession, agentRuntimeId: string): Promise<LockedRuntime | undefined> {
  const matches = eq(agentRuntimes.agentRuntimeId, agentRuntimeId);
  const { lineage } = agentRuntimes;
  const [found] = await session.select({ lineage }).from(agentRuntimes).where(matches);
  if (found === undefined) return undefined;
  const lockedLineage = await lockLineage(session, found.lineage);
  const [runtime] = await session.select().from(agentRuntimes).where(matches).for('update');
  return runtime && { runtime, lineage: lockedLineage };
}

/** Suspends or resumes a runtime by itself; those that are suspended with it or by themselves stay so. */
async function setSuspension(
  ownSuspendedAt: EpochMilliseconds | null,
  session: SqlSession,
  { runtime, lineage }: LockedRuntime,
  descendants: readonly RuntimeRow[],
): Promise<readonly RuntimeRow[]> {
  await updateRows(session, [runtime], { ownSuspendedAt });
  const own = new Map([...lineage, ...descendants].map((row) => [row.agentRuntimeId, row.ownSuspendedAt]));
  own.set(runtime.agentRuntimeId, ownSuspendedAt);
  const rowsByTime = new Map<EpochMilliseconds | null, RuntimeRow[]>();
  for (const row of [runtime, ...descendants]) {
    const suspendedAt = suspendedAtOf(row, (id) => own.get(id) ?? null);
    if (suspendedAt === row.suspendedAt) continue;
    rowsByTime.set(suspendedAt, [...(rowsByTime.get(suspendedAt) ?? []), row]);
  }
  for (const [suspendedAt, rows] of rowsByTime) await updateRows(session, rows, { suspendedAt });
  return [...rowsByTime.values()].flat();
}

async function updateRows(
  session: SqlSession,
  rows: readonly RuntimeRow[],
  columns: Partial<Pick<RuntimeRow, 'ownSuspendedAt' | 'suspendedAt' | 'revokedAt'>>,
): Promise<void> {
  const ids = rows.map(({ agentRuntimeId }) => agentRuntimeId);
  if (ids.length === 0) return;
  await session.update(agentRuntimes).set(columns).where(inArray(agentRuntimes.agentRuntimeId, ids));
}

async function changeKey(
  parts: SqlStoreParts,
  ...[agentRuntimeId, change, changedAt, origin]: Parameters<RuntimeStore['changeAgentRuntimeKey']>
): Promise<StoredAgentRuntime | undefined> {
  const { from, to, endTasks } = change;
  requireStorableText({ from, to });
  if (!isStorableText(agentRuntimeId)) return undefined;
  const matches = eq(agentRuntimes.agentRuntimeId, agentRuntimeId);
  return transactAndNotify(parts, async (session, notify) => {
    const [runtime] = await session.select(runtimeColumns).from(agentRuntimes).where(matches).for('update');
    if (runtime === undefined || runtime.revokedAt !== null || runtime.publicKeySsh !== from) return runtime;
    const [owner] = await session
      .select({ id: agentRuntimes.agentRuntimeId })
      .from(agentRuntimes)
      .where(eq(agentRuntimes.publicKeySsh, to));
    if (owner !== undefined) return runtime;
    await session.update(agentRuntimes).set({ publicKeySsh: to }).where(matches);
    await notifyOfRuntimes(notify, [agentRuntimeId]);
    const ended = endTasks ? await revokeTasks(session, notify, agentRuntimeId, changedAt) : [];
    await appendAuditEntries(parts, session, [
      auditedChange.agentRuntimeKeyChanged(agentRuntimeId, change, changedAt, origin),
      ...ended.map((task) => auditedChange.agentTaskRevoked(task, changedAt, origin)),
    ]);
    return { ...runtime, publicKeySsh: to };
  });
}

async function revokeTasks(
  session: SqlSession,
  notify: NotifyAfterCommit,
  agentRuntimeId: string,
  revokedAt: EpochMilliseconds,
): Promise<readonly { readonly agentRuntimeId: string; readonly taskId: string }[]> {
  const revoked = await session
    .update(agentTasks)
    .set({ revokedAt })
    .where(and(eq(agentTasks.agentRuntimeId, agentRuntimeId), isNull(agentTasks.revokedAt)))
    .returning({ agentRuntimeId: agentTasks.agentRuntimeId, taskId: agentTasks.taskId });
  for (const { taskId } of revoked.slice(0, 100)) {
    await notify({ kind: 'agent_task_revoked', agentRuntimeId, taskId });
  }
  if (revoked.length > 100) await notify({ kind: 'anything_may_have_changed' });
  return revoked;
}
