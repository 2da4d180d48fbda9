import { requireStorableText } from './storable-text.js';
import type { StoredAgentRuntime, StoredAgentTask } from './stored-rows.js';

/** @throws AgentIdentityError `invalid_argument` */
export function requireStorableRuntime({
  agentRuntimeId,
  publicKeySsh,
  accountId,
  chatgptUserId,
}: StoredAgentRuntime): void {
  requireStorableText({ agentRuntimeId, publicKeySsh, accountId, chatgptUserId });
}

/** @throws AgentIdentityError `invalid_argument` */
export function requireStorableTask({
  taskId,
  agentRuntimeId,
  registrationTimestamp,
  registrationSignature,
}: StoredAgentTask): void {
  requireStorableText({ taskId, agentRuntimeId, registrationTimestamp, registrationSignature });
}
