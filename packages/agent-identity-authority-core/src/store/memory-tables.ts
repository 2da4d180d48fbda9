import type { AuditRow } from '../audit/audit-row.js';
import type { StoredAuditLogKey, StoredCheckpoint } from '../audit/audit-store.js';
import type { StoredEnrollmentToken } from '../enrollment/enrollment-store.js';
import type { StoredRuntimeAgentInstance } from '../instances/instance-store.js';
import type { EncodableAuditEntry } from '../log/audit-entry-encoding.js';
import type { LogEdge } from '../log/log-edge.js';
import type { StoredAgentRuntime } from '../runtimes/runtime-store.js';
import type { StoredSigningKey } from '../signing-keys/signing-key-store.js';
import type { StoredAgentTask } from '../tasks/task-store.js';

/** The data of a memory store. Uses nested maps, so that no two ids are ever joined into one key. */
export interface MemoryTables {
  /** In insertion order. */
  readonly runtimes: Map<string, StoredAgentRuntime>;
  readonly runtimeIdsByKey: Map<string, string>;
  /** When a runtime was suspended by itself; without those that are suspended with their lineage. */
  readonly ownSuspendedAt: Map<string, number>;
  readonly tasksByRuntimeId: Map<string, RuntimeTasks>;
  readonly instances: Map<string, StoredRuntimeAgentInstance>;
  readonly enrollmentTokens: Map<string, StoredEnrollmentToken>;
  signingKeys: readonly StoredSigningKey[];
  readonly auditLog: MemoryAuditLog;
}

/** The audit log: entries that wait for their place, rows in their places, and the tiles by level and index. */
interface MemoryAuditLog {
  readonly pending: EncodableAuditEntry[];
  readonly rows: AuditRow[];
  readonly tiles: Map<string, Uint8Array>;
  edge?: LogEdge;
  checkpoint?: StoredCheckpoint;
  key?: StoredAuditLogKey;
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
    ownSuspendedAt: new Map(),
    tasksByRuntimeId: new Map(),
    instances: new Map(),
    enrollmentTokens: new Map(),
    signingKeys: [],
    auditLog: { pending: [], rows: [], tiles: new Map() },
  };
}
