import type { AuditRow } from '../audit/audit-entry-hash.js';
import type { StoredAgentRuntime } from '../runtimes/runtime-store.js';
import type { StoredSigningKey } from '../signing-keys/signing-key-store.js';
import type { StoredAgentTask } from '../tasks/task-store.js';

/** The data of a memory store. Uses nested maps, so that no two ids are ever joined into one key. */
export interface MemoryTables {
  /** In insertion order. */
  readonly runtimes: Map<string, StoredAgentRuntime>;
  readonly runtimeIdsByKey: Map<string, string>;
  readonly tasksByRuntimeId: Map<string, RuntimeTasks>;
  signingKeys: readonly StoredSigningKey[];
  readonly auditRows: AuditRow[];
}

/** The tasks of one runtime by id, and the id of the latest task of each registration. */
export interface RuntimeTasks {
  readonly tasks: Map<string, StoredAgentTask>;
  readonly taskIdsByRegistration: Map<string, string>;
}

export function createMemoryTables(): MemoryTables {
  return {
    runtimes: new Map(),
    runtimeIdsByKey: new Map(),
    tasksByRuntimeId: new Map(),
    signingKeys: [],
    auditRows: [],
  };
}
