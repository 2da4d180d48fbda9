import type { Clock } from 'agent-identity-core';
import type { Administration } from '../administration.js';
import { authorityError } from '../errors.js';
import { accountLimit, isWithinLimit } from '../http/administrator-accounts.js';
import { administratorOrigin, type Operation, type OperationContext, type Route } from '../http/operation.js';
import { readJsonBody, readQuery } from '../http/read-input.js';
import type { AuthorityStore } from '../store/authority-store.js';
import {
  adminAgentPageSchema,
  adminAgentQuerySchema,
  adminAgentSchema,
  revokeAgentsRequestSchema,
  revokedAgentsSchema,
  toAdminAgent,
  toAgentRuntimeQuery,
  toRuntimeSelector,
} from './admin-agent-wire.js';
import { requireAgentRuntimeSelector } from './runtime-selector.js';
import type { StoredAgentRuntime } from './runtime-store.js';

export interface AdminAgentsParts {
  readonly store: AuthorityStore;
  readonly administration: Administration;
  readonly clock: Clock;
}

const list: Operation = {
  operationId: 'listAgentRuntimes',
  method: 'get',
  path: '/v1/admin/agents',
  summary: 'Lists agent runtimes, newest first',
  access: 'administrator',
  query: adminAgentQuerySchema,
  response: { description: 'A page of runtimes', schema: adminAgentPageSchema },
  errors: ['invalid_cursor'],
};

const inspect: Operation = {
  operationId: 'inspectAgentRuntime',
  method: 'get',
  path: '/v1/admin/agents/{agent_runtime_id}',
  summary: 'Returns an agent runtime',
  access: 'administrator',
  response: { description: 'The runtime', schema: adminAgentSchema },
  errors: ['agent_runtime_not_found'],
};

const revokeMany: Operation = {
  operationId: 'revokeAgentRuntimes',
  method: 'post',
  path: '/v1/admin/agents/revoke',
  summary: 'Revokes all agent runtimes that match, if their number is the confirmed one; or counts them',
  access: 'administrator',
  body: revokeAgentsRequestSchema,
  response: { description: 'How many match, and how many were revoked', schema: revokedAgentsSchema },
  errors: ['count_mismatch'],
};

/** The changes of a runtime: what the path ends with, and the method that makes it. */
const changes = {
  suspend: {
    method: 'suspendAgentRuntime',
    summary: 'Suspends an agent runtime until it is resumed; has no effect on a revoked one',
    response: 'The suspended runtime',
  },
  resume: {
    method: 'resumeAgentRuntime',
    summary: 'Ends the suspension of an agent runtime',
    response: 'The resumed runtime',
  },
  revoke: {
    method: 'revokeAgentRuntime',
    summary: 'Revokes an agent runtime and all its tasks forever; repeating it has no effect',
    response: 'The revoked runtime',
  },
} as const;

function changeOperation(change: keyof typeof changes): Operation {
  const { method, summary, response } = changes[change];
  return {
    operationId: method,
    method: 'post',
    path: `/v1/admin/agents/{agent_runtime_id}/${change}`,
    summary,
    access: 'administrator',
    response: { description: response, schema: adminAgentSchema },
    errors: ['agent_runtime_not_found'],
  };
}

/** Creates the routes that list, inspect and change agent runtimes. */
export function createAdminAgentsRoutes({ store, administration, clock }: AdminAgentsParts): Route[] {
  return [
    {
      operation: list,
      async handle(context) {
        const query = readQuery(context, adminAgentQuerySchema);
        const now = clock();
        const page = await store.listAgentRuntimes({
          ...toAgentRuntimeQuery(query, now),
          ...accountLimit(context),
        });
        return context.json({
          agents: page.items.map((runtime) => toAdminAgent(runtime, now)),
          next_cursor: page.nextCursor,
        });
      },
    },
    {
      operation: inspect,
      async handle(context) {
        const runtime = await findRuntime(context.req.param('agent_runtime_id') ?? '', context);
        return context.json(toAdminAgent(runtime, clock()));
      },
    },
    {
      operation: revokeMany,
      async handle(context) {
        const { dry_run: isDryRun, ...body } = await readJsonBody(context, revokeAgentsRequestSchema);
        // The limit alone selects nothing.
        requireAgentRuntimeSelector(toRuntimeSelector(body));
        const selector = { ...toRuntimeSelector(body), ...accountLimit(context) };
        if (isDryRun) {
          return context.json({ matching: await administration.countAgentRuntimes(selector), revoked: 0 });
        }
        const expectedCount = body.expected_count ?? 0;
        await administration.revokeAgentRuntimes({ selector, expectedCount }, administratorOrigin(context));
        return context.json({ matching: expectedCount, revoked: expectedCount });
      },
    },
    ...(Object.keys(changes) as (keyof typeof changes)[]).map((change) => ({
      operation: changeOperation(change),
      async handle(context: OperationContext) {
        const agentRuntimeId = context.req.param('agent_runtime_id') ?? '';
        await findRuntime(agentRuntimeId, context);
        await administration[changes[change].method](agentRuntimeId, administratorOrigin(context));
        return context.json(toAdminAgent(await findRuntime(agentRuntimeId, context), clock()));
      },
    })),
  ];

  async function findRuntime(agentRuntimeId: string, context: OperationContext): Promise<StoredAgentRuntime> {
    const runtime = await store.findAgentRuntime(agentRuntimeId);
    if (runtime !== undefined && isWithinLimit(context, runtime.accountId)) return runtime;
    throw authorityError('agent_runtime_not_found', 'There is no such agent runtime.');
  }
}
