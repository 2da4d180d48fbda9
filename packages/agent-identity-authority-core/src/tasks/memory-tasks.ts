import type { ChangeOrigin } from '../audit/audit-entry.js';
import { auditedChange } from '../audit/audited-changes.js';
import { appendInMemory } from '../audit/memory-audit-log.js';
import type { EpochMilliseconds } from '../instant.js';
import type { EndedRowsQuery, RemovedRows } from '../store/ended-rows.js';
import { removeEndedInMemory } from '../store/memory-ended-rows.js';
import { isAfterCursor, sortNewestFirst } from '../store/memory-pagination.js';
import type { MemoryTables, RuntimeTasks } from '../store/memory-tables.js';
import { readPageRequest, rowCursorSchema, toPage } from '../store/pagination.js';
import type { StoreChanges } from '../store/store-changes.js';
import { requireStorableTask, type StoredAgentTask, type TaskStore } from './task-store.js';

export function createMemoryTasks(tables: MemoryTables, { notify }: StoreChanges): TaskStore {
  const { runtimes, tasksByRuntimeId } = tables;
  return {
    async addAgentTask(task, origin) {
      requireStorableTask(task);
      const runtime = runtimes.get(task.agentRuntimeId);
      if (runtime?.revokedAt !== null || runtime.suspendedAt !== null) return undefined;
      const { tasks, taskIdsByRegistration } = tasksOf(tasksByRuntimeId, task.agentRuntimeId);
      const registration = JSON.stringify([task.registrationTimestamp, task.registrationSignature]);
      const existing = tasks.get(taskIdsByRegistration.get(registration) ?? '');
      if (existing !== undefined && existing.revokedAt === null) return existing;
      appendInMemory(tables, auditedChange.agentTaskAdded(task, origin));
      tasks.set(task.taskId, task);
      taskIdsByRegistration.set(registration, task.taskId);
      return task;
    },
    findAgentTask: async (agentRuntimeId, taskId) => tasksByRuntimeId.get(agentRuntimeId)?.tasks.get(taskId),
    async listAgentTasks(agentRuntimeId, page = {}) {
      const { after, limit } = readPageRequest(page, rowCursorSchema);
      const rows = [...(tasksByRuntimeId.get(agentRuntimeId)?.tasks.values() ?? [])]
        .map((row) => ({ row, key: [row.createdAt, row.taskId] as const }))
        .filter(({ key }) => isAfterCursor(key, after));
      return toPage(sortNewestFirst(rows), limit, (row) => [row.createdAt, row.taskId]);
    },
    async touchAgentTask(agentRuntimeId, taskId, seenAt) {
      const tasks = tasksByRuntimeId.get(agentRuntimeId)?.tasks;
      const task = tasks?.get(taskId);
      if (task !== undefined && task.lastSeenAt < seenAt) tasks?.set(taskId, { ...task, lastSeenAt: seenAt });
    },
    async revokeAgentTask(agentRuntimeId, taskId, revokedAt, origin) {
      const task = tasksByRuntimeId.get(agentRuntimeId)?.tasks.get(taskId);
      if (task !== undefined) revokeInMemory(tables, { notify }, task, revokedAt, origin);
      return task !== undefined;
    },
    removeEndedTasks: async (query) => removeEndedTasks(tables, query),
  };
}

/** Revokes all tasks of a runtime. */
export function revokeTasksInMemory(
  tables: MemoryTables,
  changes: Pick<StoreChanges, 'notify'>,
  agentRuntimeId: string,
  revokedAt: EpochMilliseconds,
  origin: ChangeOrigin | undefined,
): void {
  for (const task of [...(tables.tasksByRuntimeId.get(agentRuntimeId)?.tasks.values() ?? [])]) {
    revokeInMemory(tables, changes, task, revokedAt, origin);
  }
}

function revokeInMemory(
  tables: MemoryTables,
  { notify }: Pick<StoreChanges, 'notify'>,
  task: StoredAgentTask,
  revokedAt: EpochMilliseconds,
  origin: ChangeOrigin | undefined,
): void {
  if (task.revokedAt !== null) return;
  const { agentRuntimeId, taskId } = task;
  appendInMemory(tables, auditedChange.agentTaskRevoked(task, revokedAt, origin));
  tables.tasksByRuntimeId.get(agentRuntimeId)?.tasks.set(taskId, { ...task, revokedAt });
  notify({ kind: 'agent_task_revoked', agentRuntimeId, taskId });
}

function removeEndedTasks({ runtimes, tasksByRuntimeId }: MemoryTables, query: EndedRowsQuery): RemovedRows {
  const { revokedBefore, unusedBefore = Number.NEGATIVE_INFINITY } = query;
  const isRevoked = (revokedAt: number | null | undefined) => (revokedAt ?? Infinity) < revokedBefore;
  return removeEndedInMemory(query, {
    rows: [...tasksByRuntimeId.values()].flatMap(({ tasks }) => [...tasks.values()]),
    idsOf: ({ agentRuntimeId, taskId }) => [agentRuntimeId, taskId],
    hasEnded: ({ agentRuntimeId, revokedAt, lastSeenAt }) =>
      isRevoked(revokedAt) || isRevoked(runtimes.get(agentRuntimeId)?.revokedAt) || lastSeenAt < unusedBefore,
    remove: ({ agentRuntimeId, taskId }) => tasksByRuntimeId.get(agentRuntimeId)?.tasks.delete(taskId),
  });
}

function tasksOf(tasksByRuntimeId: Map<string, RuntimeTasks>, agentRuntimeId: string): RuntimeTasks {
  const tasks = tasksByRuntimeId.get(agentRuntimeId) ?? {
    tasks: new Map(),
    taskIdsByRegistration: new Map(),
  };
  tasksByRuntimeId.set(agentRuntimeId, tasks);
  return tasks;
}
