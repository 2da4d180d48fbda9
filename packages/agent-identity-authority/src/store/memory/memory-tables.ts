import type { AuditRow } from '../../audit/audit-entry-hash.js';
import type { StoredAgentRuntime, StoredAgentTask, StoredSigningKey } from '../stored-rows.js';

/** What a store in memory holds. Maps within maps, so that no two ids are ever joined into one key. */
export interface MemoryTables {
  /** In the order of their adding, like all maps. */
  readonly runtimes: Map<string, StoredAgentRuntime>;
  readonly runtimeIdsByKey: Map<string, string>;
  readonly taskShelves: Map<string, TaskShelf>;
  signingKeys: readonly StoredSigningKey[];
  readonly auditRows: AuditRow[];
}

/** The tasks of one runtime, by their ids, and the latest task of each registration. */
export interface TaskShelf {
  readonly tasks: Map<string, StoredAgentTask>;
  readonly taskIdsByRegistration: Map<string, string>;
}

export function memoryTables(): MemoryTables {
  return {
    runtimes: new Map(),
    runtimeIdsByKey: new Map(),
    taskShelves: new Map(),
    signingKeys: [],
    auditRows: [],
  };
}
