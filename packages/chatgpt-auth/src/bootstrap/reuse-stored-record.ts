import { isAgentIdentityError, readAgentKey } from 'agent-identity-core';
import { type AgentIdentityRecord, agentIdentityRecordSchema } from 'agent-identity-core/wire';
import { type AccountBinding, accountOfRecord, isSameAccount } from '../account/account-binding.js';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';

/** The stored record, if it is of this account and user and its key loads; otherwise another is to be registered. */
export function findReusableRecord(
  login: ChatgptCredentials,
  binding: AccountBinding,
): AgentIdentityRecord | undefined {
  const { data: record } = agentIdentityRecordSchema.safeParse(login.storedRecord());
  if (record === undefined || !isSameAccount(accountOfRecord(record), binding)) return undefined;
  return keyLoads(record) ? record : undefined;
}

/** Whether a record has the task that it is used with for good. */
export function hasTask(
  record: AgentIdentityRecord | undefined,
): record is AgentIdentityRecord & { readonly task_id: string } {
  return record?.task_id !== undefined && record.task_id.trim() !== '';
}

function keyLoads(record: AgentIdentityRecord): boolean {
  try {
    readAgentKey(record.agent_private_key);
    return true;
  } catch (error) {
    if (isAgentIdentityError(error)) return false;
    throw error;
  }
}
