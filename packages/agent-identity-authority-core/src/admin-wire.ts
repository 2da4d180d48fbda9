export type {
  AuditLogPage,
  PruneAuditLogRequest,
  PruneAuditLogResponse,
  VerifyAuditLogRequest,
  VerifyAuditLogResponse,
  WireAuditEntry,
  WireAuditLogQuery,
} from './audit/audit-log-wire.js';
export {
  auditLogPageSchema,
  auditLogQuerySchema,
  pruneAuditLogRequestSchema,
  pruneAuditLogResponseSchema,
  toWireAuditEntry,
  toWireAuditLogReport,
  verifyAuditLogRequestSchema,
  verifyAuditLogResponseSchema,
} from './audit/audit-log-wire.js';
export type { CallingAdministrator } from './authentication/administrator-wire.js';
export {
  callingAdministratorSchema,
  toCallingAdministrator,
} from './authentication/administrator-wire.js';
export type {
  AdminEnrollmentToken,
  AdminEnrollmentTokenPage,
  CreateEnrollmentTokenRequest,
  CreateEnrollmentTokenResponse,
} from './enrollment/admin-enrollment-wire.js';
export {
  adminEnrollmentTokenPageSchema,
  adminEnrollmentTokenQuerySchema,
  adminEnrollmentTokenSchema,
  createEnrollmentTokenRequestSchema,
  createEnrollmentTokenResponseSchema,
  toAdminEnrollmentToken,
  toEnrollmentTokenOptions,
} from './enrollment/admin-enrollment-wire.js';
export type { PageQuery } from './http/page-wire.js';
export type {
  AdminInstance,
  AdminInstancePage,
  AdminInstanceQuery,
  ChangedInstances,
  WireInstanceSelector,
} from './instances/admin-instance-wire.js';
export {
  adminInstancePageSchema,
  adminInstanceQuerySchema,
  adminInstanceSchema,
  changedInstancesSchema,
  instanceSelectorSchema,
  toAdminInstance,
  toInstanceSelector,
} from './instances/admin-instance-wire.js';
export type {
  AdminAgent,
  AdminAgentPage,
  AdminAgentQuery,
  RevokeAgentsRequest,
  RevokedAgents,
} from './runtimes/admin-agent-wire.js';
export {
  adminAgentPageSchema,
  adminAgentQuerySchema,
  adminAgentSchema,
  revokeAgentsRequestSchema,
  revokedAgentsSchema,
  toAdminAgent,
  toAgentRuntimeQuery,
  toRuntimeSelector,
} from './runtimes/admin-agent-wire.js';
export type {
  AccountMembers,
  DescriptionMembers,
  IssueAgentIdentityRequest,
  IssueAgentIdentityResponse,
} from './runtimes/issue-agent-identity-wire.js';
export {
  issueAgentIdentityRequestSchema,
  issueAgentIdentityResponseSchema,
  toIssueOptions,
  toIssueResponse,
} from './runtimes/issue-agent-identity-wire.js';
export type {
  AdminSigningKey,
  AdminSigningKeys,
  RotateSigningKeyRequest,
  RotateSigningKeyResponse,
} from './signing-keys/signing-key-wire.js';
export {
  adminSigningKeysSchema,
  rotateSigningKeyRequestSchema,
  rotateSigningKeyResponseSchema,
  toAdminSigningKeys,
  toRotateOptions,
} from './signing-keys/signing-key-wire.js';
export type { AdminTask, AdminTaskPage } from './tasks/admin-task-wire.js';
export {
  adminTaskPageSchema,
  adminTaskQuerySchema,
  adminTaskSchema,
  toAdminTask,
} from './tasks/admin-task-wire.js';
