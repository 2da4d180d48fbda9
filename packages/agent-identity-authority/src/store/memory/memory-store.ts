import type { AuthorityStore } from '../authority-store.js';
import { storeChanges } from '../store-changes.js';
import { memoryAuditLog } from './memory-audit-log.js';
import { memoryRuntimes } from './memory-runtimes.js';
import { memorySigningKeys } from './memory-signing-keys.js';
import { memoryTables } from './memory-tables.js';
import { memoryTasks } from './memory-tasks.js';

/**
 * A store in this process, for tests and demonstrations: whatever ends the process ends what it holds. Each method runs
 * without an await between its reading and its writing, which makes it the one transaction that it has to be.
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
