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
 * The task that is stored for an agent runtime, by an opt-in or as record credentials. `undefined` if the store holds
 * another runtime, no runtime, or no task.
 *
 * @throws AgentIdentityError `unreadable_auth_file`, `keyring_unavailable`
 * @example
 * ```ts
 * import { memoryAuthStore, readStoredTask } from 'chatgpt-auth';
 *
 * const taskId = await readStoredTask(memoryAuthStore(), 'agent-1'); // undefined
 * ```
 */
export async function readStoredTask(store: AuthStore, agentRuntimeId: string): Promise<string | undefined> {
  const record = findStoredRecord(await store.read(), store, agentRuntimeId);
  return record?.task_id?.trim() ? record.task_id : undefined;
}

/**
 * Stores another task for an agent runtime: changes `agent_identity.task_id` and nothing else. Writes nothing unless the
 * stored task is the replaced one: another process may have replaced it already, logged in with another account, or out.
 *
 * @throws AgentIdentityError those of `AuthStore.update`
 * @example
 * ```ts
 * import { type AuthStore, replaceStoredTask } from 'chatgpt-auth';
 *
 * const saveTask = (store: AuthStore) =>
 *   replaceStoredTask(store, { agentRuntimeId: 'agent-1', replacedTaskId: 'task-1', taskId: 'task-2' });
 * ```
 */
export async function replaceStoredTask(
  store: AuthStore,
  { agentRuntimeId, taskId, replacedTaskId }: TaskReplacement,
): Promise<void> {
  await store.update((text) => {
    const isStored = findStoredRecord(text, store, agentRuntimeId)?.task_id === replacedTaskId;
    return isStored && text !== undefined
      ? setMember(text, ['agent_identity', 'task_id'], taskId)
      : undefined;
  });
}

function findStoredRecord(
  text: string | undefined,
  { location }: AuthStore,
  agentRuntimeId: string,
): AgentIdentityRecord | undefined {
  const credentials = text === undefined ? undefined : parseAuthJson(text, { location });
  const record =
    credentials?.kind === 'agentIdentityRecord'
      ? credentials.record()
      : credentials?.kind === 'chatgpt'
        ? credentials.storedRecord()
        : undefined;
  return record?.agent_runtime_id === agentRuntimeId ? record : undefined;
}
