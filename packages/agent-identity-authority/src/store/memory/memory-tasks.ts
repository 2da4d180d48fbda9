import { auditedChange } from '../../audit/audited-changes.js';
import { pageOf, pageStart } from '../page-cursor.js';
import { requireStorableTask } from '../require-storable.js';
import type { StoreChanges } from '../store-changes.js';
import type { TaskMethods } from '../store-parts.js';
import { rowPlaceSchema } from '../store-places.js';
import { appendInMemory } from './memory-audit-log.js';
import type { MemoryTables, TaskShelf } from './memory-tables.js';
import { isBehind, newestFirst } from './newest-first.js';

export function memoryTasks(tables: MemoryTables, { tell }: StoreChanges): TaskMethods {
  const { runtimes, taskShelves } = tables;
  return {
    async addAgentTask(task, origin) {
      requireStorableTask(task);
      const runtime = runtimes.get(task.agentRuntimeId);
      if (runtime === undefined || runtime.revokedAt !== null) return undefined;
      const shelf = shelfOf(taskShelves, task.agentRuntimeId);
      const registration = JSON.stringify([task.registrationTimestamp, task.registrationSignature]);
      const repeated = shelf.tasks.get(shelf.taskIdsByRegistration.get(registration) ?? '');
      if (repeated !== undefined && repeated.revokedAt === null) return repeated;
      appendInMemory(tables, auditedChange.agentTaskAdded(task, origin));
      shelf.tasks.set(task.taskId, task);
      shelf.taskIdsByRegistration.set(registration, task.taskId);
      return task;
    },
    findAgentTask: async (agentRuntimeId, taskId) => taskShelves.get(agentRuntimeId)?.tasks.get(taskId),
    async listAgentTasks(agentRuntimeId, page = {}) {
      const { after, limit } = pageStart(page, rowPlaceSchema);
      const found = [...(taskShelves.get(agentRuntimeId)?.tasks.values() ?? [])]
        .map((row) => ({ row, place: [row.createdAt, row.taskId] as const }))
        .filter(({ place }) => isBehind(place, after));
      return pageOf(newestFirst(found), limit, (row) => [row.createdAt, row.taskId]);
    },
    async touchAgentTask(agentRuntimeId, taskId, seenAt) {
      const tasks = taskShelves.get(agentRuntimeId)?.tasks;
      const task = tasks?.get(taskId);
      if (task !== undefined && task.lastSeenAt < seenAt) tasks?.set(taskId, { ...task, lastSeenAt: seenAt });
    },
    async revokeAgentTask(agentRuntimeId, taskId, revokedAt, origin) {
      const tasks = taskShelves.get(agentRuntimeId)?.tasks;
      const task = tasks?.get(taskId);
      if (task === undefined) return false;
      if (task.revokedAt === null) {
        appendInMemory(tables, auditedChange.agentTaskRevoked(task, revokedAt, origin));
        tasks?.set(taskId, { ...task, revokedAt });
        tell({ kind: 'agent_task_revoked', agentRuntimeId, taskId });
      }
      return true;
    },
  };
}

function shelfOf(shelves: Map<string, TaskShelf>, agentRuntimeId: string): TaskShelf {
  const shelf = shelves.get(agentRuntimeId) ?? { tasks: new Map(), taskIdsByRegistration: new Map() };
  shelves.set(agentRuntimeId, shelf);
  return shelf;
}
