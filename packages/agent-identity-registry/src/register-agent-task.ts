import {
  type AgentKey,
  createAssertionSigner,
  isAgentIdentityError,
  openSealedTaskId,
  signTaskRegistration,
} from 'agent-identity-core';
import type { HttpEffects, SecureUrlOptions } from 'agent-identity-core/http';
import { taskRegistrationResponseSchema } from 'agent-identity-core/wire';
import { postJson } from './http/post-json.js';
import type { AnsweredId } from './http/registration-request.js';
import { withRuntimeEffects } from './http/runtime-effects.js';
import { requireTimeLimit } from './http/time-limit.js';
import { taskRegistrationUrl } from './registration-url.js';

/** What registers a task (docs/protocol.md section 5). No target, kind or reference can be given: the task is the backend's own. */
export interface AgentTaskRegistration extends SecureUrlOptions {
  /** See `resolveAuthapiBaseUrl`. */
  readonly authapiBaseUrl: string;
  /** The id that the runtime was registered under. */
  readonly agentRuntimeId: string;
  /** The runtime's key: it signs the registration and opens a sealed answer. */
  readonly agentKey: AgentKey;
  /** How long one attempt may take, in seconds, the reading of its answer included; 30 by default. */
  readonly timeLimitSeconds?: number | undefined;
}

/**
 * Registers a task of an agent runtime, in at most three attempts that each sign for their own second, and gives the id
 * that the backend chose, opened if it came sealed, untrimmed (docs/protocol.md section 5). It is the only way to a task.
 *
 * @returns the task id
 * @throws RegistrationError when it was sent and failed; the reason of `effects.signal` when that was aborted
 * @throws AgentIdentityError before anything is sent: `unsafe_agent_runtime_id`, `insecure_url`,
 * `invalid_authapi_base_url`, `invalid_argument`
 */
export async function registerAgentTask(
  registration: AgentTaskRegistration,
  effects: HttpEffects = {},
): Promise<string> {
  const { authapiBaseUrl, agentRuntimeId, agentKey, timeLimitSeconds = 30 } = registration;
  const url = taskRegistrationUrl(authapiBaseUrl, agentRuntimeId, registration);
  requireTimeLimit(timeLimitSeconds);
  const runtimeEffects = withRuntimeEffects(effects);
  return postJson(
    {
      operation: 'task_registration',
      url,
      timeLimitSeconds,
      body: () => signTaskRegistration({ agentKey, agentRuntimeId }, runtimeEffects),
      readAnswer: (answer) => readAnswer(agentKey, agentRuntimeId, answer),
    },
    runtimeEffects,
  );
}

/** The first present counts, and null is not present; what is present but unusable is not passed over. */
function readAnswer(agentKey: AgentKey, agentRuntimeId: string, answer: unknown): AnsweredId {
  const parsed = taskRegistrationResponseSchema.safeParse(answer);
  if (!parsed.success) return { expected: 'a JSON object whose task ids are strings' };
  const { task_id, taskId, encrypted_task_id, encryptedTaskId } = parsed.data;
  const plain = task_id ?? taskId;
  const sealed = encrypted_task_id ?? encryptedTaskId;
  if (plain === undefined && sealed === undefined) return { expected: 'a task id, plain or sealed' };
  try {
    const id = plain ?? openSealedTaskId(agentKey, sealed ?? '');
    createAssertionSigner({ agentKey, agentRuntimeId, taskId: id }); // throws for an id that no header can hold
    return { id };
  } catch (error) {
    if (!isAgentIdentityError(error)) throw error;
    return { expected: `a task id that headers can be signed for (${error.message})`, cause: error };
  }
}
