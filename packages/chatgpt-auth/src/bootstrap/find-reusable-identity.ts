import { isAgentIdentityError } from 'agent-identity-core';
import { type AgentIdentity, readAgentIdentity } from 'agent-identity-registry';
import { type AccountBinding, isRecordOf } from '../account/account-binding.js';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';

/** The stored identity, if its record belongs to this account and user and its key loads. */
export function findReusableIdentity(
  login: ChatgptCredentials,
  binding: AccountBinding,
): AgentIdentity | undefined {
  const record = login.storedRecord();
  if (record === undefined || !isRecordOf(record, binding)) return undefined;
  try {
    return readAgentIdentity(record);
  } catch (error) {
    if (isAgentIdentityError(error, 'invalid_agent_identity_record', 'invalid_agent_key')) return undefined;
    throw error;
  }
}
