import type { Clock } from 'agent-identity-core';
import type { Administration } from '../administration.js';
import { type Operation, operatorOrigin, type Route } from '../http/operation.js';
import { readJsonBody, readQuery } from '../http/read-input.js';
import type { AuthorityStore } from '../store/authority-store.js';
import {
  type AdminInstance,
  adminInstancePageSchema,
  adminInstanceQuerySchema,
  adminInstanceSchema,
  changedInstancesSchema,
  instanceSelectorSchema,
  toAdminInstance,
  toInstanceSelector,
} from './admin-instance-wire.js';
import { instanceNotFound } from './administer-instances.js';
import type { RuntimeAgentInstanceChange } from './instance-store.js';

export interface AdminInstancesParts {
  readonly store: AuthorityStore;
  readonly administration: Administration;
  readonly instanceIdleTtlSeconds: number;
  readonly clock: Clock;
}

const list: Operation = {
  operationId: 'listRuntimeAgentInstances',
  method: 'get',
  path: '/v1/admin/instances',
  summary: 'Lists runtime agent instances, newest first',
  access: 'administrator',
  query: adminInstanceQuerySchema,
  response: { description: 'A page of instances', schema: adminInstancePageSchema },
  errors: ['invalid_cursor'],
};

const inspect: Operation = {
  operationId: 'inspectRuntimeAgentInstance',
  method: 'get',
  path: '/v1/admin/instances/{runtime_agent_instance_id}',
  summary: 'Returns a runtime agent instance',
  access: 'administrator',
  response: { description: 'The instance', schema: adminInstanceSchema },
  errors: ['runtime_agent_instance_not_found'],
};

const effects: Readonly<Record<RuntimeAgentInstanceChange, string>> = {
  suspend: 'until it is resumed',
  resume: 'after a suspension',
  revoke: 'forever',
};

function changeOne(change: RuntimeAgentInstanceChange): Operation {
  return {
    operationId: `${change}RuntimeAgentInstance`,
    method: 'post',
    path: `/v1/admin/instances/{runtime_agent_instance_id}/${change}`,
    summary: `Changes a runtime agent instance: ${change}, ${effects[change]}; repeating it has no effect`,
    access: 'administrator',
    response: { description: 'The instance', schema: adminInstanceSchema },
    errors: ['runtime_agent_instance_not_found'],
  };
}

function changeMany(change: RuntimeAgentInstanceChange): Operation {
  return {
    operationId: `${change}RuntimeAgentInstances`,
    method: 'post',
    path: `/v1/admin/instances/${change}`,
    summary: `Changes all runtime agent instances of a host, an installation, a user, an account or an organization: ${change}`,
    access: 'administrator',
    body: instanceSelectorSchema,
    response: { description: 'How many instances changed', schema: changedInstancesSchema },
    errors: [],
  };
}

/** Creates the routes that list, inspect, suspend, resume and revoke runtime agent instances. */
export function createAdminInstancesRoutes(parts: AdminInstancesParts): Route[] {
  const { store, clock, instanceIdleTtlSeconds } = parts;
  const unusedSince = () => clock() - instanceIdleTtlSeconds * 1000;
  return [
    {
      operation: list,
      async handle(context) {
        const { status, cursor, limit, ...selector } = readQuery(context, adminInstanceQuerySchema);
        const expiry = unusedSince();
        const page = await store.listRuntimeAgentInstances({
          ...toInstanceSelector(selector),
          status: status && { is: status, unusedSince: expiry },
          cursor,
          limit,
        });
        return context.json({
          instances: page.items.map((instance) => toAdminInstance(instance, expiry)),
          next_cursor: page.nextCursor,
        });
      },
    },
    {
      operation: inspect,
      handle: async (context) =>
        context.json(await findInstance(context.req.param('runtime_agent_instance_id') ?? '')),
    },
    ...(['suspend', 'resume', 'revoke'] as const).flatMap((change) => createChangeRoutes(change)),
  ];

  function createChangeRoutes(change: RuntimeAgentInstanceChange): Route[] {
    const { changeRuntimeAgentInstances } = parts.administration;
    return [
      {
        operation: changeOne(change),
        async handle(context) {
          const runtimeAgentInstanceId = context.req.param('runtime_agent_instance_id') ?? '';
          await changeRuntimeAgentInstances({ runtimeAgentInstanceId }, change, operatorOrigin(context));
          return context.json(await findInstance(runtimeAgentInstanceId));
        },
      },
      {
        operation: changeMany(change),
        async handle(context) {
          const selector = toInstanceSelector(await readJsonBody(context, instanceSelectorSchema));
          const changed = await changeRuntimeAgentInstances(selector, change, operatorOrigin(context));
          return context.json({ changed });
        },
      },
    ];
  }

  async function findInstance(id: string): Promise<AdminInstance> {
    const instance = await store.findRuntimeAgentInstance(id);
    if (instance !== undefined) return toAdminInstance(instance, unusedSince());
    throw instanceNotFound();
  }
}
