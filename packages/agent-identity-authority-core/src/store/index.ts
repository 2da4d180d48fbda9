export type { AuditRow } from '../audit/audit-entry-hash.js';
export { genesisHash } from '../audit/audit-entry-hash.js';
export { requireAuditLogQuery } from '../audit/audit-store.js';
export { auditedChange } from '../audit/audited-changes.js';
export { nextAuditRow, toAuditEntry } from '../audit/next-audit-row.js';
export type { AuditRowSource } from '../audit/verify-audit-rows.js';
export { verifyAuditRows } from '../audit/verify-audit-rows.js';
export { instanceStatus } from '../instances/instance-status.js';
export {
  requireInstanceQuery,
  requireInstanceSelector,
  requireStorableInstance,
} from '../instances/instance-store.js';
export { requireAgentRuntimeQuery, requireStorableRuntime } from '../runtimes/runtime-store.js';
export { requireStorableSigningKey } from '../signing-keys/signing-key-store.js';
export { requireStorableTask } from '../tasks/task-store.js';
export type { CursorKey, PageStart } from './pagination.js';
export { auditCursorSchema, readPageRequest, rowCursorSchema, toPage } from './pagination.js';
export { isStorableText, requireStorableText } from './storable-text.js';
export type { StoreChanges } from './store-changes.js';
export { createStoreChanges } from './store-changes.js';
