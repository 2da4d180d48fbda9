import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { parseAuthJson } from '../auth-json/parse-auth-json.js';
import { setMember } from '../auth-json/set-member.js';
import type { AuthStore } from './auth-store.js';

/** A task in place of one that the server no longer knows. */
export interface TaskReplacement {
  readonly agentRuntimeId: string;
  readonly taskId: string;
  readonly replacedTaskId: string;
}

/**
 * The task that is stored for an agent runtime, by an opt-in or as a record credential; `undefined` where the store
 * holds another runtime, or none, or no task of it.
 *
 * @throws AgentIdentityError `unreadable_auth_file`, `keyring_unavailable`
 */
export async function readStoredTask(store: AuthStore, agentRuntimeId: string): Promise<string | undefined> {
  const record = recordOf(await store.read(), agentRuntimeId);
  return record?.task_id?.trim() ? record.task_id : undefined;
}

/**
 * Stores another task for an agent runtime: `agent_identity.task_id` changes, and nothing else does. Nothing is
 * written unless the replaced task is the one that is stored: somebody else may have replaced it already, logged in
 * as another or out.
 *
 * @throws AgentIdentityError those of `AuthStore.update`
 */
export async function replaceStoredTask(
  store: AuthStore,
  { agentRuntimeId, taskId, replacedTaskId }: TaskReplacement,
): Promise<void> {
  await store.update((text) => {
    const isStored = recordOf(text, agentRuntimeId)?.task_id === replacedTaskId;
    return isStored && text !== undefined
      ? setMember(text, ['agent_identity', 'task_id'], taskId)
      : undefined;
  });
}

function recordOf(text: string | undefined, agentRuntimeId: string): AgentIdentityRecord | undefined {
  const credentials = text === undefined ? undefined : parseAuthJson(text);
  const record =
    credentials?.kind === 'agentIdentityRecord'
      ? credentials.record()
      : credentials?.kind === 'chatgpt'
        ? credentials.storedRecord()
        : undefined;
  return record?.agent_runtime_id === agentRuntimeId ? record : undefined;
}
