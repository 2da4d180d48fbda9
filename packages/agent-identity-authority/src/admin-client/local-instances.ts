import type { Authority, AuthorityStore, ChangeOrigin } from 'agent-identity-authority-core';
import { toAdminInstance, toInstanceSelector } from 'agent-identity-authority-core/admin-wire';
import { programError } from '../errors.js';
import type { AdminClient } from './admin-client.js';

/** Dependencies of the operations on the instances in a store. */
export interface LocalInstancesParts {
  readonly store: AuthorityStore;
  readonly authority: Authority;
  readonly instanceIdleTtlSeconds: number;
  readonly origin: ChangeOrigin;
}

/** Creates the part of a local admin client for runtime agent instances. */
export function createLocalInstances({
  store,
  authority,
  instanceIdleTtlSeconds,
  origin,
}: LocalInstancesParts): Pick<
  AdminClient,
  'listInstances' | 'showInstance' | 'changeInstance' | 'changeInstances'
> {
  const unusedSince = () => Date.now() - instanceIdleTtlSeconds * 1000;
  const showInstance: AdminClient['showInstance'] = async (id) => {
    const instance = await store.findRuntimeAgentInstance(id);
    if (instance !== undefined) return toAdminInstance(instance, unusedSince());
    throw programError('authority_refused', 'there is no such runtime agent instance');
  };
  return {
    async listInstances({ status, cursor, limit, ...selector }) {
      const expiry = unusedSince();
      const page = await store.listRuntimeAgentInstances({
        ...toInstanceSelector(selector),
        status: status && { is: status, unusedSince: expiry },
        cursor,
        limit,
      });
      const instances = page.items.map((instance) => toAdminInstance(instance, expiry));
      return { instances, next_cursor: page.nextCursor };
    },
    showInstance,
    async changeInstance(runtimeAgentInstanceId, change) {
      await authority.changeRuntimeAgentInstances({ runtimeAgentInstanceId }, change, origin);
      return showInstance(runtimeAgentInstanceId);
    },
    changeInstances: async (selector, change) => ({
      changed: await authority.changeRuntimeAgentInstances(toInstanceSelector(selector), change, origin),
    }),
  };
}
