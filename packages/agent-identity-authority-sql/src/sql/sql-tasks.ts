import type { TaskStore } from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  readPageRequest,
  requireStorableTask,
  rowCursorSchema,
  toPage,
} from 'agent-identity-authority-core/store';
import { and, eq, isNull, lt, type SQL } from 'drizzle-orm';
import { addAgentTasks, type TaskToAdd } from './add-agent-tasks.js';
import { createBatcher } from './create-batcher.js';
import { isAfterCursor, orderNewestFirst } from './keyset-pagination.js';
import { type EndedRowsTable, removeEndedRows } from './remove-ended-rows.js';
import { agentTasks } from './schema.js';
import { appendAuditEntry } from './sql-audit-log.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

const keyColumns = { time: agentTasks.createdAt, id: agentTasks.taskId };

export function createSqlTasks(parts: SqlStoreParts): TaskStore {
  const { database } = parts;
  const add = createBatcher((items: readonly TaskToAdd[]) => addAgentTasks(parts, items));
  return {
    async addAgentTask(task, origin) {
      requireStorableTask(task);
      return add({ task, origin });
    },
    async findAgentTask(agentRuntimeId, taskId) {
      const matches = hasIds(agentRuntimeId, taskId);
      if (matches === undefined) return undefined;
      const [task] = await database.read((session) => session.select().from(agentTasks).where(matches));
      return task;
    },
    async listAgentTasks(agentRuntimeId, page = {}) {
      const { after, limit } = readPageRequest(page, rowCursorSchema);
      if (!isStorableText(agentRuntimeId)) return toPage([], limit, () => []);
      const rows = await database.read((session) =>
        session
          .select()
          .from(agentTasks)
          .where(and(eq(agentTasks.agentRuntimeId, agentRuntimeId), isAfterCursor(keyColumns, after)))
          .orderBy(...orderNewestFirst(keyColumns))
          .limit(limit + 1),
      );
      return toPage(rows, limit, (row) => [row.createdAt, row.taskId]);
    },
    async touchAgentTask(agentRuntimeId, taskId, seenAt) {
      const matches = hasIds(agentRuntimeId, taskId);
      if (matches === undefined) return;
      await database.transaction((session) =>
        session
          .update(agentTasks)
          .set({ lastSeenAt: seenAt })
          .where(and(matches, lt(agentTasks.lastSeenAt, seenAt))),
      );
    },
    revokeAgentTask: (...args) => revokeAgentTask(parts, ...args),
    removeEndedTasks: (query) => removeEndedRows(database, endedTasks, query),
  };
}

const endedTasks: EndedRowsTable = {
  name: 'remove_ended_tasks',
  table: 'agent_identity.agent_tasks',
  ids: ['agent_runtime_id', 'task_id'],
  hasEnded: `candidate.revoked_at < $1 or candidate.last_seen_at < $2 or exists (
    select 1 from agent_identity.agent_runtimes as runtime
    where runtime.agent_runtime_id = candidate.agent_runtime_id and runtime.revoked_at < $1
  )`,
};

async function revokeAgentTask(
  parts: SqlStoreParts,
  ...[agentRuntimeId, taskId, revokedAt, origin]: Parameters<TaskStore['revokeAgentTask']>
): Promise<boolean> {
  const matches = hasIds(agentRuntimeId, taskId);
  if (matches === undefined) return false;
  return transactAndNotify(parts, async (session, notify) => {
    const revoked = await session
      .update(agentTasks)
      .set({ revokedAt })
      .where(and(matches, isNull(agentTasks.revokedAt)))
      .returning({ id: agentTasks.taskId });
    if (revoked.length === 0) return (await session.select().from(agentTasks).where(matches)).length > 0;
    await notify({ kind: 'agent_task_revoked', agentRuntimeId, taskId });
    const change = auditedChange.agentTaskRevoked({ agentRuntimeId, taskId }, revokedAt, origin);
    await appendAuditEntry(parts, session, change);
    return true;
  });
}

/** The condition for one task; `undefined` for ids that no store can hold. */
function hasIds(agentRuntimeId: string, taskId: string): SQL | undefined {
  if (!isStorableText(agentRuntimeId) || !isStorableText(taskId)) return undefined;
  return and(eq(agentTasks.agentRuntimeId, agentRuntimeId), eq(agentTasks.taskId, taskId));
}
