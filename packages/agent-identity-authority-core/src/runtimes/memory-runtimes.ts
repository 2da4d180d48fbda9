import type { AuditEntryDraft } from '../audit/audit-entry.js';
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

export function createMemoryRuntimes(tables: MemoryTables, changes: StoreChanges): RuntimeStore {
  const { runtimes, runtimeIdsByKey } = tables;
  return {
    ...createRuntimeChanges(tables, changes),
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
  };
}

function createRuntimeChanges(
  tables: MemoryTables,
  { notify }: StoreChanges,
): Pick<RuntimeStore, 'suspendAgentRuntime' | 'resumeAgentRuntime' | 'revokeAgentRuntime'> {
  const { runtimes } = tables;
  /** Returns whether the runtime exists. */
  function change(
    agentRuntimeId: string,
    toChanged: (runtime: StoredAgentRuntime) => StoredAgentRuntime | undefined,
    entry: AuditEntryDraft,
  ): boolean {
    const runtime = runtimes.get(agentRuntimeId);
    if (runtime === undefined) return false;
    const changed = toChanged(runtime);
    if (changed === undefined) return true;
    appendInMemory(tables, entry);
    runtimes.set(agentRuntimeId, changed);
    notify({ kind: 'agent_runtime_changed', agentRuntimeId });
    return true;
  }

  return {
    revokeAgentRuntime: async (agentRuntimeId, revokedAt, origin) =>
      change(
        agentRuntimeId,
        (runtime) => (runtime.revokedAt === null ? { ...runtime, revokedAt } : undefined),
        auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin),
      ),
    suspendAgentRuntime: async (agentRuntimeId, suspendedAt, origin) =>
      change(
        agentRuntimeId,
        (runtime) =>
          runtime.suspendedAt === null && runtime.revokedAt === null
            ? { ...runtime, suspendedAt }
            : undefined,
        auditedChange.agentRuntimeSuspended(agentRuntimeId, suspendedAt, origin),
      ),
    resumeAgentRuntime: async (agentRuntimeId, resumedAt, origin) =>
      change(
        agentRuntimeId,
        (runtime) => (runtime.suspendedAt === null ? undefined : { ...runtime, suspendedAt: null }),
        auditedChange.agentRuntimeResumed(agentRuntimeId, resumedAt, origin),
      ),
  };
}
