import { createMemoryAuditLog } from '../audit/memory-audit-log.js';
import { createMemoryEnrollment } from '../enrollment/memory-enrollment.js';
import { createMemoryInstances } from '../instances/memory-instances.js';
import { createMemoryRuntimes } from '../runtimes/memory-runtimes.js';
import { createMemorySigningKeys } from '../signing-keys/memory-signing-keys.js';
import { createMemoryTasks } from '../tasks/memory-tasks.js';
import type { AuthorityStore } from './authority-store.js';
import { createMemoryTables } from './memory-tables.js';
import { createStoreChanges } from './store-changes.js';

/**
 * Creates a store in this process, for tests and demonstrations: its data ends with the process. No method awaits between
 * reading and writing, so every method is one transaction.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'agent-identity-authority-core';
 *
 * const store = memoryStore();
 * const { items } = await store.listAgentRuntimes({ limit: 10 });
 * ```
 */
export function memoryStore(): AuthorityStore {
  const tables = createMemoryTables();
  const changes = createStoreChanges();
  const runtimes = createMemoryRuntimes(tables, changes);
  return {
    ...runtimes,
    ...createMemoryEnrollment(tables, runtimes),
    ...createMemoryTasks(tables, changes),
    ...createMemoryInstances(tables, changes),
    ...createMemorySigningKeys(tables, changes),
    ...createMemoryAuditLog(tables),
    ping: async () => {},
    countRows: async () => ({
      agentRuntimes: tables.runtimes.size,
      agentTasks: [...tables.tasksByRuntimeId.values()].reduce((sum, { tasks }) => sum + tasks.size, 0),
      runtimeAgentInstances: tables.instances.size,
      auditEntries: tables.auditLog.rows.length,
      waitingAuditEntries: tables.auditLog.pending.length,
    }),
    subscribe: changes.subscribe,
    close: async () => {},
  };
}
