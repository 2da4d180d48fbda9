import { type AuthStore, readStoredTask, replaceStoredTask, type TaskReplacement } from 'chatgpt-auth';

/** The task of a stored record. */
export interface TaskStore {
  /** Reads the runtime's stored task, which another process may have replaced. */
  readTask(agentRuntimeId: string): Promise<string | undefined>;
  /**
   * Runs work while no one else who shares the store, in this process or another, replaces the task or obtains an agent
   * identity.
   *
   * @throws AgentIdentityError if the lock is not available; `work` may or may not have run
   */
  withLock(work: () => Promise<boolean>): Promise<boolean>;
  /**
   * Stores the replacement if the record still holds the task that failed, and changes nothing else.
   *
   * @throws AgentIdentityError if it cannot be stored; the run continues with the new task
   */
  replaceTask(replacement: TaskReplacement): Promise<void>;
}

export function createTaskStore(store: AuthStore): TaskStore {
  return {
    readTask: (agentRuntimeId) => readStoredTask(store, agentRuntimeId),
    withLock: (work) => store.withLock('bootstrap', work),
    replaceTask: (replacement) => replaceStoredTask(store, replacement),
  };
}
