import type { AuditEntryDraft } from '../audit/audit-entry.js';
import { auditedChange } from '../audit/audited-changes.js';
import { appendInMemory } from '../audit/memory-audit-log.js';
import { isAfterCursor, sortNewestFirst } from '../store/memory-pagination.js';
import type { MemoryTables } from '../store/memory-tables.js';
import { readPageRequest, rowCursorSchema, toPage } from '../store/pagination.js';
import type { StoreChanges } from '../store/store-changes.js';
import { type AgentRuntimeSelector, isSelected, requireAgentRuntimeSelector } from './runtime-selector.js';
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
  const runtimeChanges = createRuntimeChanges(tables, changes);
  return {
    ...runtimeChanges,
    ...createSelectedChanges(tables, runtimeChanges),
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
      const { status, cursor, limit: requested, ...selector } = query;
      const { after, limit } = readPageRequest({ cursor, limit: requested }, rowCursorSchema);
      const matches = (runtime: StoredAgentRuntime) =>
        isSelected(runtime, selector) &&
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

function createSelectedChanges(
  { runtimes }: MemoryTables,
  { revokeAgentRuntime }: Pick<RuntimeStore, 'revokeAgentRuntime'>,
): Pick<RuntimeStore, 'countAgentRuntimes' | 'revokeAgentRuntimes'> {
  const unrevoked = (selector: AgentRuntimeSelector) =>
    [...runtimes.values()].filter((runtime) => runtime.revokedAt === null && isSelected(runtime, selector));

  return {
    async countAgentRuntimes(selector) {
      requireAgentRuntimeSelector(selector);
      return unrevoked(selector).length;
    },
    async revokeAgentRuntimes(selector, expectedCount, revokedAt, origin) {
      requireAgentRuntimeSelector(selector);
      const selected = unrevoked(selector);
      if (selected.length !== expectedCount) return selected.length;
      // Nothing else runs before they have all changed the tables.
      const revoking = selected.map((runtime) =>
        revokeAgentRuntime(runtime.agentRuntimeId, revokedAt, origin),
      );
      await Promise.all(revoking);
      return selected.length;
    },
  };
}
