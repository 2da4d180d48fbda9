import type {
  IssueAgentIdentityRequest,
  IssueAgentIdentityResponse,
  RotateSigningKeyRequest,
  RotateSigningKeyResponse,
  VerifyAuditLogRequest,
  VerifyAuditLogResponse,
} from 'agent-identity-authority-core/admin-wire';

/** What the command line does with an authority, whether that runs elsewhere or its store is at hand. */
export interface AdminClient {
  issue(request: IssueAgentIdentityRequest): Promise<IssueAgentIdentityResponse>;
  revokeAgentRuntime(agentRuntimeId: string): Promise<void>;
  revokeAgentTask(agentRuntimeId: string, taskId: string): Promise<void>;
  rotateSigningKey(request: RotateSigningKeyRequest): Promise<RotateSigningKeyResponse>;
  verifyAuditLog(request: VerifyAuditLogRequest): Promise<VerifyAuditLogResponse>;
  close(): Promise<void>;
}
