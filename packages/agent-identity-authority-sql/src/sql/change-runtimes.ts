import type {
  AgentKeyChange,
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
import { and, eq, isNull } from 'drizzle-orm';
import { findRuntimeByKey, isReplacedKey } from './runtime-keys.js';
import { findDescendants, isOneOf, lockLineage, notifyOfRuntimes, runtimeColumns } from './runtime-rows.js';
import { agentRuntimes, agentTasks, type RuntimeRow, replacedAgentKeys } from './schema.js';
import { appendAuditEntries } from './sql-audit-log.js';
import { type SqlSession, sqlStateOf, transactionConflict } from './sql-database.js';
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
    const descendants = await findDescendants(session, [agentRuntimeId], entry.at);
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
    const rows = rowsByTime.get(suspendedAt);
    if (rows === undefined) rowsByTime.set(suspendedAt, [row]);
    else rows.push(row);
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
  await session.update(agentRuntimes).set(columns).where(isOneOf(ids));
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
    if (runtime === undefined || runtime.revokedAt !== null) return runtime;
    const isRepeat = runtime.publicKeySsh === to;
    const changes = !isRepeat && runtime.publicKeySsh === from && !(await isKnownKey(session, to));
    if (!isRepeat && !changes) return runtime;
    if (changes) await replaceKey(session, agentRuntimeId, change);
    if (changes) await notifyOfRuntimes(notify, [agentRuntimeId]);
    const ended = endTasks ? await revokeTasks(session, notify, agentRuntimeId, changedAt) : [];
    await appendAuditEntries(parts, session, [
      ...(changes ? [auditedChange.agentRuntimeKeyChanged(agentRuntimeId, change, changedAt, origin)] : []),
      ...ended.map((task) => auditedChange.agentTaskRevoked(task, changedAt, origin)),
    ]);
    return { ...runtime, publicKeySsh: to };
  });
}

async function isKnownKey(session: SqlSession, publicKeySsh: string): Promise<boolean> {
  return (await findRuntimeByKey(session, publicKeySsh)) !== undefined;
}

async function replaceKey(
  session: SqlSession,
  agentRuntimeId: string,
  { from, to }: AgentKeyChange,
): Promise<void> {
  await session.insert(replacedAgentKeys).values({ publicKeySsh: from, agentRuntimeId });
  try {
    await session
      .update(agentRuntimes)
      .set({ publicKeySsh: to })
      .where(eq(agentRuntimes.agentRuntimeId, agentRuntimeId));
  } catch (error) {
    // Another runtime got the key meanwhile: the repeat finds it.
    if (sqlStateOf(error) === '23505') throw transactionConflict('the key was taken meanwhile');
    throw error;
  }
  // Another runtime had the key until now.
  if (await isReplacedKey(session, to)) throw transactionConflict('the key was replaced meanwhile');
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
