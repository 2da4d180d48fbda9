import type { StoredAgentTask, TaskStore } from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  readPageRequest,
  requireStorableTask,
  rowCursorSchema,
  toPage,
} from 'agent-identity-authority-core/store';
import { and, eq, isNull, lt, type SQL } from 'drizzle-orm';
import { isAfterCursor, newestFirst } from './keyset-pagination.js';
import { agentRuntimes, agentTasks } from './schema.js';
import { appendAuditRow } from './sql-audit-log.js';
import { type SqlSession, transactionConflict } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

const place = { time: agentTasks.createdAt, id: agentTasks.taskId };

export function sqlTasks(parts: SqlStoreParts): TaskStore {
  const { database } = parts;
  return {
    addAgentTask: (...args) => addAgentTask(parts, ...args),
    async findAgentTask(agentRuntimeId, taskId) {
      const isTheOne = isTask(agentRuntimeId, taskId);
      if (isTheOne === undefined) return undefined;
      const [task] = await database.read((session) => session.select().from(agentTasks).where(isTheOne));
      return task;
    },
    async listAgentTasks(agentRuntimeId, page = {}) {
      const { after, limit } = readPageRequest(page, rowCursorSchema);
      if (!isStorableText(agentRuntimeId)) return toPage([], limit, () => []);
      const rows = await database.read((session) =>
        session
          .select()
          .from(agentTasks)
          .where(and(eq(agentTasks.agentRuntimeId, agentRuntimeId), isAfterCursor(place, after)))
          .orderBy(...newestFirst(place))
          .limit(limit + 1),
      );
      return toPage(rows, limit, (row) => [row.createdAt, row.taskId]);
    },
    async touchAgentTask(agentRuntimeId, taskId, seenAt) {
      const isTheOne = isTask(agentRuntimeId, taskId);
      if (isTheOne === undefined) return;
      await database.read((session) =>
        session
          .update(agentTasks)
          .set({ lastSeenAt: seenAt })
          .where(and(isTheOne, lt(agentTasks.lastSeenAt, seenAt))),
      );
    },
    revokeAgentTask: (...args) => revokeAgentTask(parts, ...args),
  };
}

async function addAgentTask(
  parts: SqlStoreParts,
  ...[task, origin]: Parameters<TaskStore['addAgentTask']>
): Promise<StoredAgentTask | undefined> {
  requireStorableTask(task);
  return transactAndNotify(parts, async (session) => {
    if (!(await lockStandingRuntime(session, task.agentRuntimeId))) return undefined;
    const [added] = await session
      .insert(agentTasks)
      .values(task)
      .onConflictDoNothing({
        target: [
          agentTasks.agentRuntimeId,
          agentTasks.registrationTimestamp,
          agentTasks.registrationSignature,
        ],
        where: isNull(agentTasks.revokedAt),
      })
      .returning();
    if (added === undefined) return liveTaskOf(session, task);
    await appendAuditRow(session, auditedChange.agentTaskAdded(task, origin));
    return added;
  });
}

async function revokeAgentTask(
  parts: SqlStoreParts,
  ...[agentRuntimeId, taskId, revokedAt, origin]: Parameters<TaskStore['revokeAgentTask']>
): Promise<boolean> {
  const isTheOne = isTask(agentRuntimeId, taskId);
  if (isTheOne === undefined) return false;
  return transactAndNotify(parts, async (session, notify) => {
    const revoked = await session
      .update(agentTasks)
      .set({ revokedAt })
      .where(and(isTheOne, isNull(agentTasks.revokedAt)))
      .returning({ id: agentTasks.taskId });
    if (revoked.length === 0) return (await session.select().from(agentTasks).where(isTheOne)).length > 0;
    await notify({ kind: 'agent_task_revoked', agentRuntimeId, taskId });
    const change = auditedChange.agentTaskRevoked({ agentRuntimeId, taskId }, revokedAt, origin);
    await appendAuditRow(session, change);
    return true;
  });
}

/** `undefined` for ids that no store could hold. */
function isTask(agentRuntimeId: string, taskId: string): SQL | undefined {
  if (!isStorableText(agentRuntimeId) || !isStorableText(taskId)) return undefined;
  return and(eq(agentTasks.agentRuntimeId, agentRuntimeId), eq(agentTasks.taskId, taskId));
}

/** Whether the runtime is there and not revoked, which it then stays until the transaction ends. */
async function lockStandingRuntime(session: SqlSession, agentRuntimeId: string): Promise<boolean> {
  const [runtime] = await session
    .select({ revokedAt: agentRuntimes.revokedAt })
    .from(agentRuntimes)
    .where(eq(agentRuntimes.agentRuntimeId, agentRuntimeId))
    .for('share');
  return runtime !== undefined && runtime.revokedAt === null;
}

/** The task that kept another of the same registration from being added. */
async function liveTaskOf(session: SqlSession, task: StoredAgentTask): Promise<StoredAgentTask> {
  const [live] = await session
    .select()
    .from(agentTasks)
    .where(
      and(
        eq(agentTasks.agentRuntimeId, task.agentRuntimeId),
        eq(agentTasks.registrationTimestamp, task.registrationTimestamp),
        eq(agentTasks.registrationSignature, task.registrationSignature),
        isNull(agentTasks.revokedAt),
      ),
    );
  if (live === undefined) throw transactionConflict('the task of this registration was revoked meanwhile');
  return live;
}
