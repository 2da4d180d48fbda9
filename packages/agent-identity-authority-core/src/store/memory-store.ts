import { memoryAuditLog } from '../audit/memory-audit-log.js';
import { memoryRuntimes } from '../runtimes/memory-runtimes.js';
import { memorySigningKeys } from '../signing-keys/memory-signing-keys.js';
import { memoryTasks } from '../tasks/memory-tasks.js';
import type { AuthorityStore } from './authority-store.js';
import { memoryTables } from './memory-tables.js';
import { storeChanges } from './store-changes.js';

/**
 * Creates a store in this process, for tests and demonstrations: its data ends with the process. No method awaits between
 * reading and writing, so every method is one transaction.
 */
export function memoryStore(): AuthorityStore {
  const tables = memoryTables();
  const changes = storeChanges();
  return {
    ...memoryRuntimes(tables, changes),
    ...memoryTasks(tables, changes),
    ...memorySigningKeys(tables, changes),
    ...memoryAuditLog(tables),
    ping: async () => {},
    subscribe: changes.subscribe,
    close: async () => {},
  };
}
