import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import type { AccountBinding } from '../account/account-binding.js';
import { setMember } from '../auth-json/set-member.js';
import type { ChatgptCredentials } from '../auth-json/stored-credentials.js';
import { wireRecord } from '../auth-json/wire-record.js';
import type { AuthStore } from '../store/auth-store.js';
import { findReusableRecord, hasTask } from './reuse-stored-record.js';

/**
 * Writes a registered record into the stored document, changing `agent_identity` and nothing else, and where the record
 * is stored already and was only without a task, changing nothing but that. Returns the
 * record to use: where somebody without our lock, such as the published client, has stored a usable one meanwhile,
 * that one stays and is used.
 *
 * @param requireLogin Reads a document that must hold the login still that the record was registered for: a logout or
 * another login meanwhile is never undone.
 * @throws AgentIdentityError what `requireLogin` and the store throw; nothing was written then
 */
export async function saveRecord(
  record: AgentIdentityRecord,
  binding: AccountBinding,
  store: AuthStore,
  requireLogin: (text: string | undefined) => ChatgptCredentials,
): Promise<AgentIdentityRecord> {
  let used = record;
  await store.update((text) => {
    used = record;
    const stored = findReusableRecord(requireLogin(text), binding);
    if (hasTask(stored)) {
      used = stored;
      return undefined;
    }
    if (text === undefined) return undefined;
    return stored?.agent_runtime_id === record.agent_runtime_id && hasTask(record)
      ? setMember(text, ['agent_identity', 'task_id'], record.task_id)
      : setMember(text, ['agent_identity'], wireRecord(record));
  });
  return used;
}
