import type { Clock } from 'agent-identity-core';
import type { Administration } from '../administration.js';
import { authorityError } from '../errors.js';
import { isWithinLimit } from '../http/administrator-accounts.js';
import { administratorOrigin, type Operation, type OperationContext, type Route } from '../http/operation.js';
import { readQuery } from '../http/read-input.js';
import type { AuthorityStore } from '../store/authority-store.js';
import {
  adminTaskPageSchema,
  adminTaskQuerySchema,
  adminTaskSchema,
  toAdminTask,
} from './admin-task-wire.js';
import type { TaskIdleTtlSeconds } from './task-status.js';

export interface AdminTasksParts {
  readonly store: AuthorityStore;
  readonly administration: Administration;
  readonly taskIdleTtlSeconds: TaskIdleTtlSeconds;
  readonly clock: Clock;
}

const list: Operation = {
  operationId: 'listAgentTasks',
  method: 'get',
  path: '/v1/admin/agents/{agent_runtime_id}/tasks',
  summary: 'Lists the tasks of an agent runtime, newest first',
  access: 'administrator',
  query: adminTaskQuerySchema,
  response: { description: 'A page of tasks; empty for an unknown runtime', schema: adminTaskPageSchema },
  errors: ['invalid_cursor'],
};

const revoke: Operation = {
  operationId: 'revokeAgentTask',
  method: 'post',
  path: '/v1/admin/agents/{agent_runtime_id}/tasks/{task_id}/revoke',
  summary: 'Revokes a task of an agent runtime; repeating it has no effect',
  access: 'administrator',
  response: { description: 'The revoked task', schema: adminTaskSchema },
  errors: ['task_not_found'],
};

/** Creates the routes that list and revoke tasks. */
export function createAdminTasksRoutes(parts: AdminTasksParts): Route[] {
  const { store, administration, taskIdleTtlSeconds, clock } = parts;
  return [
    {
      operation: list,
      async handle(context) {
        const agentRuntimeId = context.req.param('agent_runtime_id') ?? '';
        const query = readQuery(context, adminTaskQuerySchema);
        const page = (await isReachable(agentRuntimeId, context))
          ? await store.listAgentTasks(agentRuntimeId, query)
          : { items: [], nextCursor: null };
        const now = clock();
        return context.json({
          tasks: page.items.map((task) => toAdminTask(task, taskIdleTtlSeconds, now)),
          next_cursor: page.nextCursor,
        });
      },
    },
    {
      operation: revoke,
      async handle(context) {
        const { agent_runtime_id: agentRuntimeId = '', task_id: taskId = '' } = context.req.param();
        if (!(await isReachable(agentRuntimeId, context))) throw taskNotFound();
        await administration.revokeAgentTask({ agentRuntimeId, taskId }, administratorOrigin(context));
        const task = await store.findAgentTask(agentRuntimeId, taskId);
        if (task === undefined) throw taskNotFound();
        return context.json(toAdminTask(task, taskIdleTtlSeconds, clock()));
      },
    },
  ];

  /** Whether the runtime is within the limit of the caller. Without a limit, nothing is looked up. */
  async function isReachable(agentRuntimeId: string, context: OperationContext): Promise<boolean> {
    if (context.get('administrator').accountIds === undefined) return true;
    const runtime = await store.findAgentRuntime(agentRuntimeId);
    return isWithinLimit(context, runtime?.accountId);
  }
}

function taskNotFound(): Error {
  return authorityError('task_not_found', 'The agent runtime has no such task.');
}
