import type { RuntimeAgentInstanceChange } from 'agent-identity-authority-core';
import type {
  AdminInstance,
  AdminInstancePage,
  AdminInstanceQuery,
  ChangedInstances,
  IssueAgentIdentityRequest,
  IssueAgentIdentityResponse,
  RotateSigningKeyRequest,
  RotateSigningKeyResponse,
  VerifyAuditLogRequest,
  VerifyAuditLogResponse,
  WireInstanceSelector,
} from 'agent-identity-authority-core/admin-wire';

/** The operations of the command line, on a running authority or on a store that it opens itself. */
export interface AdminClient {
  issue(request: IssueAgentIdentityRequest): Promise<IssueAgentIdentityResponse>;
  revokeAgentRuntime(agentRuntimeId: string): Promise<void>;
  revokeAgentTask(agentRuntimeId: string, taskId: string): Promise<void>;
  listInstances(query: AdminInstanceQuery): Promise<AdminInstancePage>;
  showInstance(runtimeAgentInstanceId: string): Promise<AdminInstance>;
  changeInstance(runtimeAgentInstanceId: string, change: RuntimeAgentInstanceChange): Promise<AdminInstance>;
  changeInstances(
    selector: WireInstanceSelector,
    change: RuntimeAgentInstanceChange,
  ): Promise<ChangedInstances>;
  rotateSigningKey(request: RotateSigningKeyRequest): Promise<RotateSigningKeyResponse>;
  verifyAuditLog(request: VerifyAuditLogRequest): Promise<VerifyAuditLogResponse>;
  close(): Promise<void>;
}
