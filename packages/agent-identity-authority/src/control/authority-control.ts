import type { VerifyAuditLogRequest, VerifyAuditLogResponse } from '../wire/audit-log.js';
import type { IssueAgentIdentityRequest, IssueAgentIdentityResponse } from '../wire/issue-agent-identity.js';
import type { RotateSigningKeyRequest, RotateSigningKeyResponse } from '../wire/signing-key.js';

/** What the command line does with an authority, whether that runs elsewhere or its store is at hand. */
export interface AuthorityControl {
  issue(request: IssueAgentIdentityRequest): Promise<IssueAgentIdentityResponse>;
  revokeAgentRuntime(agentRuntimeId: string): Promise<void>;
  revokeAgentTask(agentRuntimeId: string, taskId: string): Promise<void>;
  rotateSigningKey(request: RotateSigningKeyRequest): Promise<RotateSigningKeyResponse>;
  verifyAuditLog(request: VerifyAuditLogRequest): Promise<VerifyAuditLogResponse>;
  close(): Promise<void>;
}
