import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { type AgentIdentity, readAgentIdentity } from 'agent-identity-registry';
import type { AccountBinding } from '../account/account-binding.js';
import { toStoredRecord } from '../auth-json/format-auth-json.js';
import { setMember } from '../auth-json/set-member.js';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';
import type { AuthStore } from '../store/auth-store.js';
import { findReusableIdentity } from './find-reusable-identity.js';

/**
 * Writes a registered record with its task into the stored document and changes only `agent_identity`; if the record is
 * stored already without a task, only its task. Returns the identity to use: if a process without our lock, such as the
 * published client, has stored a usable one in the meantime, that one is kept and used.
 *
 * @param requireLogin Reads a document that must still hold the login that the record was registered for. A logout or
 * another login in the meantime is never undone.
 * @throws AgentIdentityError those of `requireLogin` and of the store; nothing was written then
 */
export async function saveRecord(
  record: AgentIdentityRecord & { readonly task_id: string },
  binding: AccountBinding,
  store: AuthStore,
  requireLogin: (text: string | undefined) => ChatgptCredentials,
): Promise<AgentIdentity> {
  const registered = readAgentIdentity(record);
  let used = registered;
  await store.update((text) => {
    used = registered;
    const stored = findReusableIdentity(requireLogin(text), binding);
    if (stored?.storedTaskId !== undefined) {
      used = stored;
      return undefined;
    }
    if (text === undefined) return undefined;
    return stored?.agentRuntimeId === registered.agentRuntimeId
      ? setMember(text, ['agent_identity', 'task_id'], record.task_id)
      : setMember(text, ['agent_identity'], toStoredRecord(record));
  });
  return used;
}
