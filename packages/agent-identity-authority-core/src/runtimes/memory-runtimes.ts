import type { ChangeOrigin } from '../audit/audit-entry.js';
import { auditedChange } from '../audit/audited-changes.js';
import { appendInMemory } from '../audit/memory-audit-log.js';
import { isAfterCursor, sortNewestFirst } from '../store/memory-pagination.js';
import type { MemoryTables } from '../store/memory-tables.js';
import { readPageRequest, rowCursorSchema, toPage } from '../store/pagination.js';
import type { StoreChanges } from '../store/store-changes.js';
import { maxDescendants } from './lineage.js';
import { createMemoryRuntimeChanges, descendantsInMemory } from './memory-runtime-changes.js';
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
  const { runtimes, runtimeIdsByKey, ownSuspendedAt } = tables;
  const runtimeChanges = createMemoryRuntimeChanges(tables, changes);
  function add(runtime: StoredAgentRuntime, origin: ChangeOrigin | undefined): StoredAgentRuntime {
    const existing = runtimes.get(runtimeIdsByKey.get(runtime.publicKeySsh) ?? '');
    if (existing !== undefined) return existing;
    appendInMemory(tables, auditedChange.agentRuntimeAdded(runtime, origin));
    runtimes.set(runtime.agentRuntimeId, runtime);
    if (runtime.suspendedAt !== null) ownSuspendedAt.set(runtime.agentRuntimeId, runtime.suspendedAt);
    runtimeIdsByKey.set(runtime.publicKeySsh, runtime.agentRuntimeId);
    return runtime;
  }

  return {
    ...runtimeChanges,
    ...createSelectedChanges(tables, runtimeChanges),
    async addAgentRuntime(runtime, origin) {
      requireStorableRuntime(runtime);
      return add(runtime, origin);
    },
    async addChildAgentRuntime(runtime, origin) {
      requireStorableRuntime(runtime);
      const lineage = runtime.lineage.map((id) => runtimes.get(id));
      const mayAct = lineage.every(
        (member) => member !== undefined && runtimeStatus(member, runtime.createdAt) === 'active',
      );
      if (!mayAct) return undefined;
      const isKnown = runtimeIdsByKey.has(runtime.publicKeySsh);
      const living = () => descendantsInMemory(tables, runtime.lineage[0] ?? '', runtime.createdAt).length;
      return isKnown || living() < maxDescendants ? add(runtime, origin) : undefined;
    },
    countDescendants: async (agentRuntimeId, at) => descendantsInMemory(tables, agentRuntimeId, at).length,
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
