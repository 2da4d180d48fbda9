import type {
  IssueAgentIdentityRequest,
  IssueAgentIdentityResponse,
  RotateSigningKeyRequest,
  RotateSigningKeyResponse,
  VerifyAuditLogRequest,
  VerifyAuditLogResponse,
} from 'agent-identity-authority-core/admin-wire';

/** The operations of the command line, on a running authority or on a store that it opens itself. */
export interface AdminClient {
  issue(request: IssueAgentIdentityRequest): Promise<IssueAgentIdentityResponse>;
  revokeAgentRuntime(agentRuntimeId: string): Promise<void>;
  revokeAgentTask(agentRuntimeId: string, taskId: string): Promise<void>;
  rotateSigningKey(request: RotateSigningKeyRequest): Promise<RotateSigningKeyResponse>;
  verifyAuditLog(request: VerifyAuditLogRequest): Promise<VerifyAuditLogResponse>;
  close(): Promise<void>;
}
