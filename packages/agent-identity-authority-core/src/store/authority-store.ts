import type { AuditStore } from '../audit/audit-store.js';
import type { EnrollmentStore } from '../enrollment/enrollment-store.js';
import type { RuntimeAgentInstanceStore } from '../instances/instance-store.js';
import type { RuntimeStore } from '../runtimes/runtime-store.js';
import type { SigningKeyStore } from '../signing-keys/signing-key-store.js';
import type { TaskStore } from '../tasks/task-store.js';
import type { RowCounts } from './ended-rows.js';
import type { StoreChangeListener } from './store-changes.js';

/**
 * The data of an authority. Every method is one transaction: it takes effect completely or not at all, even if this or
 * another process calls the same method at the same time. A resolved promise means that the change is durable, and that
 * every later call sees it. A rejected call may still have taken effect if its response was lost; repeating it does no
 * harm.
 *
 * A method that changes something appends an entry for the audit log in the same transaction; a method that finds nothing to
 * change does not. `origin` says who made the change; the authority itself by default.
 *
 * A store that cannot do its work rejects with any error; callers respond with 503 and never with "not found". Only
 * `invalid_cursor` and `invalid_argument` are the caller's fault.
 *
 * Implement it only with `agent-identity-authority-core/store`: minor versions may add methods.
 */
export interface AuthorityStore
  extends RuntimeStore,
    TaskStore,
    RuntimeAgentInstanceStore,
    EnrollmentStore,
    SigningKeyStore,
    AuditStore {
  /** Resolves if the store answers reads now; for readiness checks. */
  ping(): Promise<void>;

  /** Counts the rows of each kind; for metrics. */
  countRows(): Promise<RowCounts>;

  /**
   * Reports changes by this process at once, and changes by other nodes when they arrive. Notifications may be lost, so a
   * cache must also expire.
   *
   * @returns a function that ends the subscription
   */
  subscribe(listener: StoreChangeListener): () => void;

  /** Ends running calls and releases connections, files and locks. Closing it again has no effect. */
  close(): Promise<void>;
}

/** A member that is left out does not compile. */
const methods: Readonly<Record<keyof AuthorityStore, true>> = {
  addAgentRuntime: true,
  addChildAgentRuntime: true,
  changeAgentRuntimeKey: true,
  countDescendants: true,
  findAgentRuntime: true,
  listAgentRuntimes: true,
  revokeAgentRuntime: true,
  countAgentRuntimes: true,
  revokeAgentRuntimes: true,
  suspendAgentRuntime: true,
  resumeAgentRuntime: true,
  addAgentTask: true,
  findAgentTask: true,
  listAgentTasks: true,
  touchAgentTask: true,
  revokeAgentTask: true,
  removeEndedTasks: true,
  addRuntimeAgentInstance: true,
  findRuntimeAgentInstance: true,
  listRuntimeAgentInstances: true,
  touchRuntimeAgentInstance: true,
  changeRuntimeAgentInstances: true,
  removeEndedInstances: true,
  addEnrollmentToken: true,
  findEnrollmentToken: true,
  findEnrollmentTokenById: true,
  listEnrollmentTokens: true,
  revokeEnrollmentToken: true,
  addEnrolledAgentRuntime: true,
  listSigningKeys: true,
  addFirstSigningKey: true,
  rotateSigningKey: true,
  retireSigningKey: true,
  reencryptSigningKeys: true,
  appendAuditEntry: true,
  sequenceAuditEntries: true,
  listAuditEntries: true,
  readAuditRows: true,
  auditLogPosition: true,
  pruneAuditEntries: true,
  readAuditTile: true,
  auditCheckpoint: true,
  auditLogKey: true,
  addAuditLogKey: true,
  ping: true,
  countRows: true,
  subscribe: true,
  close: true,
};

/** The names of all methods, to check a store that JavaScript passes in, and to wrap one. */
export const authorityStoreMethods = Object.keys(methods) as readonly (keyof AuthorityStore)[];
