import type { Authority, AuthorityStore, ChangeOrigin } from 'agent-identity-authority-core';
import {
  toAdminAgent,
  toAdminTask,
  toAgentRuntimeQuery,
  toRuntimeSelector,
} from 'agent-identity-authority-core/admin-wire';
import { programError } from '../errors.js';
import type { AdminClient } from './admin-client.js';

/** Dependencies of the operations on the agent runtimes in a store. */
export interface LocalAgentsParts {
  readonly store: AuthorityStore;
  readonly authority: Authority;
  readonly taskIdleTtlSeconds: number | undefined;
  readonly origin: ChangeOrigin;
}

/** Creates the part of a local admin client for agent runtimes and their tasks. */
export function createLocalAgents({
  store,
  authority,
  taskIdleTtlSeconds,
  origin,
}: LocalAgentsParts): Pick<
  AdminClient,
  'listAgents' | 'showAgent' | 'listTasks' | 'revokeAgents' | 'changeAgentRuntime' | 'revokeAgentTask'
> {
  return {
    async listAgents(query) {
      const now = Date.now();
      const { items, nextCursor } = await store.listAgentRuntimes(toAgentRuntimeQuery(query, now));
      return { agents: items.map((runtime) => toAdminAgent(runtime, now)), next_cursor: nextCursor };
    },
    async showAgent(agentRuntimeId) {
      const runtime = await store.findAgentRuntime(agentRuntimeId);
      if (runtime !== undefined) return toAdminAgent(runtime, Date.now());
      throw programError('authority_refused', 'agent_runtime_not_found: There is no such agent runtime.');
    },
    async listTasks(agentRuntimeId, page) {
      const now = Date.now();
      const { items, nextCursor } = await store.listAgentTasks(agentRuntimeId, page);
      const tasks = items.map((task) => toAdminTask(task, taskIdleTtlSeconds, now));
      return { tasks, next_cursor: nextCursor };
    },
    async revokeAgents({ dry_run: isDryRun, expected_count: expectedCount = 0, ...body }) {
      const selector = toRuntimeSelector(body);
      if (isDryRun) return { matching: await authority.countAgentRuntimes(selector), revoked: 0 };
      await authority.revokeAgentRuntimes({ selector, expectedCount }, origin);
      return { matching: expectedCount, revoked: expectedCount };
    },
    changeAgentRuntime: (agentRuntimeId, change) =>
      authority[`${change}AgentRuntime`](agentRuntimeId, origin),
    revokeAgentTask: (agentRuntimeId, taskId) =>
      authority.revokeAgentTask({ agentRuntimeId, taskId }, origin),
  };
}
