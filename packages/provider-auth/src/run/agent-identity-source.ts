import type { AgentIdentityAuth, StartAgentIdentityAuthOptions } from 'agent-identity-registry';

/** An agent identity, where its tasks are registered, and where its record came from. */
export interface AgentIdentitySource {
  /** As it was started: the first task of the run. */
  readonly auth: AgentIdentityAuth;
  readonly registration: StartAgentIdentityAuthOptions;
  /** The store that the record came from; `undefined` for a JWT and for a record that was given by hand. */
  readonly taskStore?: TaskStore | undefined;
}

/** Where a record is kept, as far as its task goes. */
export interface TaskStore {
  /** The task that is stored for the runtime by now; another process may have replaced it. */
  readTask(agentRuntimeId: string): Promise<string | undefined>;
  /**
   * Runs work while nobody else who shares the store, in this process or another, replaces the task or obtains the
   * agent identity.
   *
   * @throws AgentIdentityError when the lock cannot be had; `work` may or may not have run
   */
  exclusively(work: () => Promise<boolean>): Promise<boolean>;
  /**
   * Keeps a replacement in place of the task that failed, and touches nothing else. A task that is another by now stays.
   *
   * @throws AgentIdentityError when it could not be kept; the run goes on with the new task all the same
   */
  replaceTask(replacement: {
    readonly agentRuntimeId: string;
    readonly taskId: string;
    readonly replacedTaskId: string;
  }): Promise<void>;
}
