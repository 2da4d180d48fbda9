import type { Clock } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import {
  type AgentIdentityAuth,
  isRegistrationError,
  type StartAgentIdentityAuthOptions,
  startAgentIdentityAuth,
} from 'agent-identity-registry';
import { learnClockOffset } from './learn-clock-offset.js';
import type { RunOperation } from './run-observer.js';
import type { RunScopeState } from './run-scope.js';
import { terminalCodeOf, terminalError } from './terminal-refusal.js';

/** A task to be started for a record. */
export interface RunTaskStart {
  /** **Secret.** With a task id, that task is taken and nothing is sent. */
  readonly record: AgentIdentityRecord;
  readonly registration: StartAgentIdentityAuthOptions;
  readonly purpose: 'run' | 'replacement';
  /** The recovery that a replacement is part of. */
  readonly within?: RunOperation | undefined;
  /** Ends this caller's wait. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts a task and gives the auth that signs for it, by the run's clock. A registration that is refused while our
 * clock is off is sent once more, dated by the server's.
 *
 * @throws RegistrationError, and what else `startAgentIdentityAuth` throws
 * @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id`
 */
export async function startRunTask(start: RunTaskStart, scope: RunScopeState): Promise<AgentIdentityAuth> {
  const { record, registration } = start;
  const { task_id: storedTaskId = '' } = record;
  const taskId = storedTaskId.trim() === '' ? await watchedRegistration(start, scope) : storedTaskId;
  return startAgentIdentityAuth({ ...record, task_id: taskId }, registration, { clock: scope.clock.now });
}

function watchedRegistration(start: RunTaskStart, scope: RunScopeState): Promise<string> {
  const { purpose, record, within } = start;
  const agentRuntimeId = record.agent_runtime_id;
  return scope.observation.watch(
    { name: 'task_registration', purpose, agentRuntimeId, ...(within && { within }) },
    () => registerInStep(start, scope),
    (taskId) => ({ agentRuntimeId, taskId }),
  );
}

/** Sent again at most once, and only with another time. */
async function registerInStep(start: RunTaskStart, scope: RunScopeState): Promise<string> {
  const { now, offsetSeconds } = scope.clock.frozen();
  try {
    return await register(start, scope, now);
  } catch (error) {
    if (!isClockCorrected(error, offsetSeconds, scope)) throw error;
  }
  return register(start, scope, scope.clock.now);
}

async function register(start: RunTaskStart, scope: RunScopeState, clock: Clock): Promise<string> {
  const { record, registration, signal } = start;
  try {
    const { task_id: _, ...withoutTask } = record;
    const effects = { ...scope.effects, clock, ...(signal && { signal }) };
    return (await startAgentIdentityAuth(withoutTask, registration, effects)).runTaskId;
  } catch (error) {
    const code = terminalCodeOf(error);
    throw code === undefined ? error : terminalError(code, error);
  }
}

/** Whether the registration was refused, the server's clock differs from the one it was signed by, and it is believed. */
export function isClockCorrected(error: unknown, signedOffsetSeconds: number, scope: RunScopeState): boolean {
  if (!isRegistrationError(error) || error.code !== 'registration_refused') return false;
  const { clockOffsetSeconds } = error;
  return learnClockOffset(scope, {
    serverOffsetSeconds:
      clockOffsetSeconds === undefined ? undefined : clockOffsetSeconds + signedOffsetSeconds,
    signedOffsetSeconds,
    server: 'authapi',
  });
}
