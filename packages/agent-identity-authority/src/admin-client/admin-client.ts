import type { RuntimeAgentInstanceChange } from 'agent-identity-authority-core';
import type {
  AdminAgent,
  AdminAgentPage,
  AdminAgentQuery,
  AdminEnrollmentToken,
  AdminEnrollmentTokenPage,
  AdminInstance,
  AdminInstancePage,
  AdminInstanceQuery,
  AdminSigningKeys,
  AdminTaskPage,
  AuditLogPage,
  CallingAdministrator,
  ChangedInstances,
  CreateEnrollmentTokenRequest,
  CreateEnrollmentTokenResponse,
  IssueAgentIdentityRequest,
  IssueAgentIdentityResponse,
  PageQuery,
  PruneAuditLogRequest,
  PruneAuditLogResponse,
  RevokeAgentsRequest,
  RevokedAgents,
  RotateSigningKeyRequest,
  RotateSigningKeyResponse,
  VerifyAuditLogRequest,
  VerifyAuditLogResponse,
  WireAuditLogQuery,
  WireInstanceSelector,
} from 'agent-identity-authority-core/admin-wire';
import type { LogReader } from 'agent-identity-authority-core/log';

/** The operations of the command line, on a running authority or on a store that it opens itself. */
export interface AdminClient {
  /** Who the client is, and what it may do. */
  whoAmI(): Promise<CallingAdministrator>;
  issue(request: IssueAgentIdentityRequest): Promise<IssueAgentIdentityResponse>;
  listAgents(query: AdminAgentQuery): Promise<AdminAgentPage>;
  showAgent(agentRuntimeId: string): Promise<AdminAgent>;
  listTasks(agentRuntimeId: string, page: PageQuery): Promise<AdminTaskPage>;
  revokeAgents(request: RevokeAgentsRequest): Promise<RevokedAgents>;
  changeAgentRuntime(agentRuntimeId: string, change: RuntimeAgentInstanceChange): Promise<void>;
  revokeAgentTask(agentRuntimeId: string, taskId: string): Promise<void>;
  listInstances(query: AdminInstanceQuery): Promise<AdminInstancePage>;
  showInstance(runtimeAgentInstanceId: string): Promise<AdminInstance>;
  changeInstance(runtimeAgentInstanceId: string, change: RuntimeAgentInstanceChange): Promise<AdminInstance>;
  changeInstances(
    selector: WireInstanceSelector,
    change: RuntimeAgentInstanceChange,
  ): Promise<ChangedInstances>;
  createEnrollmentToken(request: CreateEnrollmentTokenRequest): Promise<CreateEnrollmentTokenResponse>;
  listEnrollmentTokens(query: PageQuery): Promise<AdminEnrollmentTokenPage>;
  revokeEnrollmentToken(enrollmentTokenId: string): Promise<AdminEnrollmentToken>;
  listSigningKeys(): Promise<AdminSigningKeys>;
  /** @returns all signing keys */
  retireSigningKey(kid: string): Promise<AdminSigningKeys>;
  rotateSigningKey(request: RotateSigningKeyRequest): Promise<RotateSigningKeyResponse>;
  listAuditEntries(query: WireAuditLogQuery): Promise<AuditLogPage>;
  verifyAuditLog(request: VerifyAuditLogRequest): Promise<VerifyAuditLogResponse>;
  pruneAuditLog(request: PruneAuditLogRequest): Promise<PruneAuditLogResponse>;
  readonly log: LogReader;
  close(): Promise<void>;
}
