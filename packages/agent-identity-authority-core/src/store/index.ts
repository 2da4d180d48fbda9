export type { AuditRow } from '../audit/audit-row.js';
export { toAuditEntry, toPendingAuditRow } from '../audit/audit-row.js';
export { requireAuditLogQuery, requirePrunable } from '../audit/audit-store.js';
export { auditedChange } from '../audit/audited-changes.js';
export type { SequencedRows } from '../audit/sequence-rows.js';
export { sequenceRows } from '../audit/sequence-rows.js';
export { storeLogReader } from '../audit/store-log-reader.js';
export {
  requireEnrollmentTokenQuery,
  requireStorableEnrollmentToken,
} from '../enrollment/enrollment-store.js';
export { instanceStatus } from '../instances/instance-status.js';
export {
  requireInstanceQuery,
  requireInstanceSelector,
  requireStorableInstance,
} from '../instances/instance-store.js';
export type { EncodableAuditEntry } from '../log/audit-entry-encoding.js';
export { encodeStoredEntry } from '../log/audit-entry-encoding.js';
export { formatVerifierKey, signCheckpoint } from '../log/checkpoint.js';
export type { LogEdge } from '../log/log-edge.js';
export { emptyLogEdge, readLogEdge } from '../log/log-edge.js';
export { requireLabels } from '../runtimes/agent-description.js';
export { expiresAfter, maxDescendants, suspendedAtOf } from '../runtimes/lineage.js';
export { maxRevokedRuntimes, requireAgentRuntimeSelector } from '../runtimes/runtime-selector.js';
export { runtimeStatus } from '../runtimes/runtime-status.js';
export { requireAgentRuntimeQuery, requireStorableRuntime } from '../runtimes/runtime-store.js';
export { requireStorableSigningKey } from '../signing-keys/signing-key-store.js';
export { requireStorableTask } from '../tasks/task-store.js';
export { readEndedRowsQuery } from './ended-rows.js';
export type { CursorKey, PageStart } from './pagination.js';
export { auditCursorSchema, readPageRequest, rowCursorSchema, toCursor, toPage } from './pagination.js';
export { isStorableText, requireStorableText } from './storable-text.js';
export type { StoreChanges } from './store-changes.js';
export { createStoreChanges } from './store-changes.js';
