import type { Clock } from 'agent-identity-core';
import type { AgentRuntimeEntry } from 'agent-identity-verifier';
import {
  agentRuntimeNotFoundCode,
  type DirectoryAgentRuntime,
  type DirectoryAgentTask,
  directoryAgentRuntimeSchema,
  directoryAgentTaskSchema,
  taskNotFoundCode,
  toDirectoryTaskStatus,
} from 'agent-identity-verifier/directory-wire';
import { createErrorResponse } from '../http/error-response.js';
import type { Operation, Route } from '../http/operation.js';
import { chooseDirectory, type DirectorySources } from './directory-sources.js';
import { followHeader, followSecondsOfIdle, followSecondsUntil } from './follow-seconds.js';

export interface DirectoryParts extends DirectorySources {
  readonly taskIdleTtlSeconds: number | undefined;
  readonly clock: Clock;
}

const findRuntime: Operation = {
  operationId: 'findAgentRuntime',
  method: 'get',
  path: '/v1/directory/agents/{agent_runtime_id}',
  summary: 'Returns what a verifier needs to know about an agent runtime',
  access: 'verifier',
  response: { description: 'The runtime, in any status', schema: directoryAgentRuntimeSchema },
  revalidates: true,
  errors: ['agent_runtime_not_found'],
};

const findTask: Operation = {
  operationId: 'findAgentTask',
  method: 'get',
  path: '/v1/directory/agents/{agent_runtime_id}/tasks/{task_id}',
  summary: 'Returns what a verifier needs to know about a task of an agent runtime',
  access: 'verifier',
  response: { description: 'The task, in any status', schema: directoryAgentTaskSchema },
  revalidates: true,
  errors: ['task_not_found'],
};

/** Creates the routes that `remoteDirectory` of agent-identity-verifier fetches from; see its `directory-wire`. */
export function createDirectoryRoutes(parts: DirectoryParts): Route[] {
  const { clock } = parts;
  const cacheControl = { 'cache-control': `private, max-age=${parts.directoryMaxAgeSeconds}` };
  const followTask = followHeader(followSecondsOfIdle(parts.taskIdleTtlSeconds));
  return [
    {
      operation: findRuntime,
      async handle(context) {
        const { directory, follows } = chooseDirectory(context, parts);
        const runtime = await directory.findAgentRuntime(context.req.param('agent_runtime_id') ?? '');
        if (runtime === undefined) {
          return createErrorResponse(
            agentRuntimeNotFoundCode,
            'There is no such agent runtime.',
            clock(),
            cacheControl,
          );
        }
        const follow = follows ? followHeader(followSecondsUntil(runtime.expiresAt, clock())) : {};
        return context.json(toWire(runtime), 200, { ...cacheControl, ...follow });
      },
    },
    {
      operation: findTask,
      async handle(context) {
        const { directory, follows } = chooseDirectory(context, parts);
        const { agent_runtime_id: runtimeId = '', task_id: taskId = '' } = context.req.param();
        const task = await directory.findAgentTask(runtimeId, taskId);
        if (task === undefined) {
          const message = 'The agent runtime has no such task.';
          return createErrorResponse(taskNotFoundCode, message, clock(), cacheControl);
        }
        const body: DirectoryAgentTask = {
          agent_runtime_id: task.agentRuntimeId,
          task_id: task.taskId,
          status: toDirectoryTaskStatus(task.status),
        };
        return context.json(body, 200, { ...cacheControl, ...(follows && followTask) });
      },
    },
  ];
}

function toWire(runtime: AgentRuntimeEntry): DirectoryAgentRuntime {
  return {
    agent_runtime_id: runtime.agentRuntimeId,
    agent_public_key: runtime.publicKey.ssh,
    account_id: runtime.accountId,
    status: runtime.status,
    capabilities: [...(runtime.capabilities ?? [])],
    lineage: [...(runtime.lineage ?? [])],
    name: runtime.name,
    labels: { ...runtime.labels },
    plan_type: runtime.planType,
    abom: runtime.abom,
  };
}
