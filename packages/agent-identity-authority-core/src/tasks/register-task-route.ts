import { sealTaskId } from 'agent-identity-core';
import { taskRegistrationRequestSchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import type { Operation, Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-input.js';
import type { StoredAgentRuntime } from '../runtimes/runtime-store.js';
import { registerAgentTask, type TaskRegistrar } from './register-agent-task.js';

export interface TaskRegistrationParts extends TaskRegistrar {
  readonly sealsTaskIdOf: (runtime: StoredAgentRuntime) => boolean;
}

const operation: Operation = {
  operationId: 'registerAgentTask',
  method: 'post',
  path: '/v1/agent/{agent_runtime_id}/task/register',
  summary: 'Registers a task of an agent runtime with a signature of its key',
  access: 'public',
  body: taskRegistrationRequestSchema,
  response: {
    description: 'The task id, plain or encrypted for the key; a byte-identical repeat returns the same task',
    schema: z.union([z.object({ task_id: z.string() }), z.object({ encrypted_task_id: z.base64() })]),
  },
  errors: [
    'invalid_agent_runtime_id',
    'malformed_task_registration',
    'invalid_signature',
    'task_registration_expired',
    'task_registration_in_future',
    'agent_runtime_deleted',
    'agent_runtime_expired',
  ],
};

/** Creates the route of docs/protocol.md section 5. */
export function createTaskRegistrationRoute({ sealsTaskIdOf, ...registrar }: TaskRegistrationParts): Route {
  return {
    operation,
    async handle(context) {
      const registration = await readJsonBody(context, taskRegistrationRequestSchema);
      const agentRuntimeId = context.req.param('agent_runtime_id') ?? '';
      const { taskId, runtime, publicKey } = await registerAgentTask(agentRuntimeId, registration, registrar);
      return context.json(
        sealsTaskIdOf(runtime) ? { encrypted_task_id: sealTaskId(publicKey, taskId) } : { task_id: taskId },
      );
    },
  };
}
