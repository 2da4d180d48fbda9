import type { Clock } from 'agent-identity-core';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import { authorityError } from '../errors.js';
import type { AuthorityStore } from '../store/authority-store.js';
import type { RuntimeAgentInstanceChange, RuntimeAgentInstanceSelector } from './instance-store.js';

/** The operations of administrators on runtime agent instances. */
export interface InstanceAdministration {
  /**
   * Suspends, resumes or revokes all instances that match every member of the selector. A suspended instance is refused
   * until it is resumed, a revoked one forever. Repeating a change has no effect.
   *
   * A client with a valid credential can register another instance, after a restart: to keep it out, also end the credential.
   *
   * @returns how many instances changed
   * @throws AgentIdentityError `runtime_agent_instance_not_found` if the selector names an unknown instance,
   * `invalid_argument`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * await authority.changeRuntimeAgentInstances({ userId: 'user-1' }, 'revoke', { actor: 'operator:alice' });
   * ```
   */
  changeRuntimeAgentInstances(
    selector: RuntimeAgentInstanceSelector,
    change: RuntimeAgentInstanceChange,
    origin?: ChangeOrigin,
  ): Promise<number>;
}

export function createInstanceAdministration({
  store,
  clock,
}: {
  readonly store: AuthorityStore;
  readonly clock: Clock;
}): InstanceAdministration {
  return {
    async changeRuntimeAgentInstances(selector, change, origin) {
      const changed = await store.changeRuntimeAgentInstances(selector, change, clock(), origin);
      const { runtimeAgentInstanceId: id } = selector;
      if (changed === 0 && id !== undefined && (await store.findRuntimeAgentInstance(id)) === undefined) {
        throw instanceNotFound();
      }
      return changed;
    },
  };
}

export function instanceNotFound(): Error {
  return authorityError('runtime_agent_instance_not_found', 'There is no such runtime agent instance.');
}
