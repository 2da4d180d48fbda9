import {
  type AuthStore,
  readStoredTask,
  rememberTerminalState,
  replaceStoredTask,
  type TaskReplacement,
  type TerminalState,
} from 'chatgpt-auth';

/** The agent identity in a store, as far as a run changes it. */
export interface StoredIdentity {
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
  /**
   * Remembers that the runtime is gone, so that the next process sends nothing for it.
   *
   * @throws AgentIdentityError if it cannot be stored
   */
  rememberEnd(state: TerminalState): Promise<void>;
}

export function openStoredIdentity(store: AuthStore): StoredIdentity {
  return {
    readTask: (agentRuntimeId) => readStoredTask(store, agentRuntimeId),
    withLock: (work) => store.withLock('bootstrap', work),
    replaceTask: (replacement) => replaceStoredTask(store, replacement),
    rememberEnd: (state) => rememberTerminalState(store, state),
  };
}
