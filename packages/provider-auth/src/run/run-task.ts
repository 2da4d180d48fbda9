import type { AgentIdentityAuth } from 'agent-identity-registry';
import type { ProviderAuthError } from '../errors.js';

/** The task that requests are signed under until it is replaced. */
export interface RunTask {
  readonly taskId: string;
  readonly auth: AgentIdentityAuth;
  /** Aborts when the task is replaced or its runtime has ended: connections opened under it must close. */
  readonly closeSignal: AbortSignal;
}

/** A task whose connections its run can close. */
export interface CloseableRunTask extends RunTask {
  close(reason: ProviderAuthError): void;
}

export function toRunTask(auth: AgentIdentityAuth): CloseableRunTask {
  const controller = new AbortController();
  return {
    taskId: auth.runTaskId,
    auth,
    closeSignal: controller.signal,
    close: (reason) => controller.abort(reason),
  };
}
