import type { Clock } from 'agent-identity-core';
import type { Administration } from '../administration.js';
import { accountLimit, isWithinLimit } from '../http/administrator-accounts.js';
import { administratorOrigin, type Operation, type OperationContext, type Route } from '../http/operation.js';
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
import type {
  RuntimeAgentInstanceChange,
  RuntimeAgentInstanceSelector,
  StoredRuntimeAgentInstance,
} from './instance-store.js';

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
    operationId: `${change}RuntimeAgentInstance` as const,
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
    operationId: `${change}RuntimeAgentInstances` as const,
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
  const { store } = parts;
  return [
    {
      operation: list,
      async handle(context) {
        const { status, cursor, limit, ...selector } = readQuery(context, adminInstanceQuerySchema);
        const expiry = unusedSince(parts);
        const page = await store.listRuntimeAgentInstances({
          ...toInstanceSelector(selector),
          ...accountLimit(context),
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
        context.json(
          await findInstance(context.req.param('runtime_agent_instance_id') ?? '', parts, context),
        ),
    },
    ...(['suspend', 'resume', 'revoke'] as const).flatMap((change) => createChangeRoutes(change, parts)),
  ];
}

function createChangeRoutes(change: RuntimeAgentInstanceChange, parts: AdminInstancesParts): Route[] {
  return [
    {
      operation: changeOne(change),
      async handle(context) {
        const runtimeAgentInstanceId = context.req.param('runtime_agent_instance_id') ?? '';
        await findInstance(runtimeAgentInstanceId, parts, context);
        await parts.administration.changeRuntimeAgentInstances(
          { runtimeAgentInstanceId },
          change,
          administratorOrigin(context),
        );
        return context.json(await findInstance(runtimeAgentInstanceId, parts, context));
      },
    },
    {
      operation: changeMany(change),
      async handle(context) {
        const selector = toInstanceSelector(await readJsonBody(context, instanceSelectorSchema));
        return context.json({ changed: await changeWithinLimit(selector, change, parts, context) });
      },
    },
  ];
}

async function findInstance(
  id: string,
  parts: AdminInstancesParts,
  context: OperationContext,
): Promise<AdminInstance> {
  const instance = await parts.store.findRuntimeAgentInstance(id);
  if (instance === undefined || !isWithinLimit(context, accountOf(instance))) throw instanceNotFound();
  return toAdminInstance(instance, unusedSince(parts));
}

function unusedSince({ clock, instanceIdleTtlSeconds }: AdminInstancesParts): number {
  return clock() - instanceIdleTtlSeconds * 1000;
}

/** The account of a `chatgpt` actor. An organization is no account. */
function accountOf({ actor }: StoredRuntimeAgentInstance): string | undefined {
  return actor.kind === 'chatgpt' ? actor.accountId : undefined;
}

/** One change for each account that the caller is limited to: its entry in the audit log names the account. */
async function changeWithinLimit(
  selector: RuntimeAgentInstanceSelector,
  change: RuntimeAgentInstanceChange,
  { administration }: AdminInstancesParts,
  context: OperationContext,
): Promise<number> {
  const origin = administratorOrigin(context);
  const { accountIds } = context.get('administrator');
  if (accountIds === undefined) return administration.changeRuntimeAgentInstances(selector, change, origin);
  let changed = 0;
  for (const accountId of accountIds.filter((id) => (selector.accountId ?? id) === id)) {
    changed += await administration.changeRuntimeAgentInstances({ ...selector, accountId }, change, origin);
  }
  return changed;
}
