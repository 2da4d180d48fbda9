import type { Clock } from 'agent-identity-core';
import {
  type AgentIdentity,
  isRegistrationError,
  type RegisterRunTaskOptions,
  registerRunTask,
  type SignerAgentIdentity,
} from 'agent-identity-registry';
import type { RunOperation } from './run-observer.js';
import type { RunScopeState } from './run-scope.js';

/** A task to register for a run. */
export interface TaskRegistration {
  readonly identity: AgentIdentity | SignerAgentIdentity;
  readonly options: RegisterRunTaskOptions;
  readonly purpose: 'run' | 'replacement';
  /** The recovery that a replacement belongs to. */
  readonly within?: RunOperation | undefined;
  /** Ends this caller's wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Registers a task. A registration that is refused while the local clock is off is sent once more, with the server's time.
 *
 * @returns the task id
 * @throws RegistrationError
 * @throws AgentIdentityError the codes of `registerRunTask`
 */
export function registerWithClockRetry(task: TaskRegistration, scope: RunScopeState): Promise<string> {
  const { purpose, within, identity } = task;
  const { agentRuntimeId } = identity;
  return scope.observation.watch(
    { name: 'task_registration', purpose, agentRuntimeId, ...(within && { within }) },
    async () => {
      const { now, offsetSeconds } = scope.clock.snapshot();
      try {
        return await register(task, scope, now);
      } catch (error) {
        if (!learnFromRegistration(error, offsetSeconds, scope)) throw error;
      }
      return register(task, scope, scope.clock.now);
    },
    (taskId) => ({ agentRuntimeId, taskId }),
  );
}

function register(
  { identity, options, signal }: TaskRegistration,
  scope: RunScopeState,
  clock: Clock,
): Promise<string> {
  const ignoringStoredTask = { ...options, storedTask: 'ignore' } as const;
  return registerRunTask(identity, ignoringStoredTask, { ...scope.effects, clock, signal });
}

/** Whether a registration was refused, and the run's clock has been corrected since it was signed. */
export function learnFromRegistration(
  error: unknown,
  signedOffsetSeconds: number,
  { clock }: RunScopeState,
): boolean {
  if (!isRegistrationError(error) || error.code !== 'registration_refused') return false;
  const { clockOffsetSeconds } = error;
  const serverOffsetSeconds =
    clockOffsetSeconds === undefined ? undefined : clockOffsetSeconds + signedOffsetSeconds;
  return clock.learn({ serverOffsetSeconds, signedOffsetSeconds, server: 'authapi' });
}
