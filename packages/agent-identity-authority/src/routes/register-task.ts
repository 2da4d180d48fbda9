import { sealTaskId } from 'agent-identity-core';
import { taskRegistrationRequestSchema } from 'agent-identity-core/wire';
import type { Handler } from 'hono';
import { readJsonBody } from '../http/read-json-body.js';
import { registerAgentTask, type TaskRegistrar } from '../register-agent-task.js';
import type { StoredAgentRuntime } from '../store/authority-store.js';

export interface TaskRegistrationRoute extends TaskRegistrar {
  readonly sealsTaskIdOf: (runtime: StoredAgentRuntime) => boolean;
}

/** `POST /v1/agent/:agentRuntimeId/task/register` (protocol section 5): answers a task id, plain or sealed. */
export function serveTaskRegistration({ sealsTaskIdOf, ...registrar }: TaskRegistrationRoute): Handler {
  return async (context) => {
    const registration = await readJsonBody(context, taskRegistrationRequestSchema);
    const agentRuntimeId = context.req.param('agentRuntimeId') ?? '';
    const { taskId, runtime, publicKey } = await registerAgentTask(agentRuntimeId, registration, registrar);
    return context.json(
      sealsTaskIdOf(runtime) ? { encrypted_task_id: sealTaskId(publicKey, taskId) } : { task_id: taskId },
    );
  };
}
