import { auditedChange } from '../audit/audited-changes.js';
import { appendInMemory } from '../audit/memory-audit-log.js';
import { isAfterCursor, sortNewestFirst } from '../store/memory-pagination.js';
import type { MemoryTables } from '../store/memory-tables.js';
import { readPageRequest, rowCursorSchema, toPage } from '../store/pagination.js';
import type { StoreChanges } from '../store/store-changes.js';
import { runtimeStatus } from './runtime-status.js';
import {
  type AgentRuntimeQuery,
  type RuntimeStore,
  requireAgentRuntimeQuery,
  requireStorableRuntime,
  type StoredAgentRuntime,
} from './runtime-store.js';

export function createMemoryRuntimes(tables: MemoryTables, { notify }: StoreChanges): RuntimeStore {
  const { runtimes, runtimeIdsByKey } = tables;
  return {
    async addAgentRuntime(runtime, origin) {
      requireStorableRuntime(runtime);
      const existing = runtimes.get(runtimeIdsByKey.get(runtime.publicKeySsh) ?? '');
      if (existing !== undefined) return existing;
      appendInMemory(tables, auditedChange.agentRuntimeAdded(runtime, origin));
      runtimes.set(runtime.agentRuntimeId, runtime);
      runtimeIdsByKey.set(runtime.publicKeySsh, runtime.agentRuntimeId);
      return runtime;
    },
    findAgentRuntime: async (agentRuntimeId) => runtimes.get(agentRuntimeId),
    async listAgentRuntimes(query: AgentRuntimeQuery = {}) {
      requireAgentRuntimeQuery(query);
      const { accountId, status, ...page } = query;
      const { after, limit } = readPageRequest(page, rowCursorSchema);
      const matches = (runtime: StoredAgentRuntime) =>
        (accountId === undefined || runtime.accountId === accountId) &&
        (status === undefined || runtimeStatus(runtime, status.at) === status.is);
      const rows = [...runtimes.values()]
        .map((row) => ({ row, key: [row.createdAt, row.agentRuntimeId] as const }))
        .filter(({ row, key }) => isAfterCursor(key, after) && matches(row));
      return toPage(sortNewestFirst(rows), limit, (row) => [row.createdAt, row.agentRuntimeId]);
    },
    async revokeAgentRuntime(agentRuntimeId, revokedAt, origin) {
      const runtime = runtimes.get(agentRuntimeId);
      if (runtime === undefined) return false;
      if (runtime.revokedAt === null) {
        appendInMemory(tables, auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin));
        runtimes.set(agentRuntimeId, { ...runtime, revokedAt });
        notify({ kind: 'agent_runtime_revoked', agentRuntimeId });
      }
      return true;
    },
  };
}
