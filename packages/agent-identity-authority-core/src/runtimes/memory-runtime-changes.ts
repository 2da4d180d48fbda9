import type { AuditEntryDraft } from '../audit/audit-entry.js';
import { auditedChange } from '../audit/audited-changes.js';
import { appendInMemory } from '../audit/memory-audit-log.js';
import type { EpochMilliseconds } from '../instant.js';
import type { MemoryTables } from '../store/memory-tables.js';
import { requireStorableText } from '../store/storable-text.js';
import type { StoreChanges } from '../store/store-changes.js';
import { revokeTasksInMemory } from '../tasks/memory-tasks.js';
import { expiresAfter, suspendedAtOf } from './lineage.js';
import type { RuntimeStore, StoredAgentRuntime } from './runtime-store.js';

/** The changes of one runtime and its descendants. */
export function createMemoryRuntimeChanges(
  tables: MemoryTables,
  changes: StoreChanges,
): Pick<
  RuntimeStore,
  'suspendAgentRuntime' | 'resumeAgentRuntime' | 'revokeAgentRuntime' | 'changeAgentRuntimeKey'
> {
  const { runtimes, ownSuspendedAt } = tables;
  const change = createTreeChange(tables, changes);
  const withSuspension = (runtime: StoredAgentRuntime): StoredAgentRuntime => ({
    ...runtime,
    suspendedAt: suspendedAtOf(runtime, (id) => ownSuspendedAt.get(id) ?? null),
  });
  return {
    async revokeAgentRuntime(agentRuntimeId, revokedAt, origin) {
      const runtime = runtimes.get(agentRuntimeId);
      if (runtime?.revokedAt !== null) return runtime !== undefined;
      const entry = auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin);
      return change(runtime, (revoked) => ({ ...revoked, revokedAt }), entry);
    },
    async suspendAgentRuntime(agentRuntimeId, suspendedAt, origin) {
      const runtime = runtimes.get(agentRuntimeId);
      if (runtime?.revokedAt !== null || ownSuspendedAt.has(agentRuntimeId)) return runtime !== undefined;
      ownSuspendedAt.set(agentRuntimeId, suspendedAt);
      const entry = auditedChange.agentRuntimeSuspended(agentRuntimeId, suspendedAt, origin);
      return change(runtime, withSuspension, entry);
    },
    async resumeAgentRuntime(agentRuntimeId, resumedAt, origin) {
      const runtime = runtimes.get(agentRuntimeId);
      if (runtime === undefined || !ownSuspendedAt.delete(agentRuntimeId)) return runtime !== undefined;
      const entry = auditedChange.agentRuntimeResumed(agentRuntimeId, resumedAt, origin);
      return change(runtime, withSuspension, entry);
    },
    changeAgentRuntimeKey: async (...args) => changeKey(tables, changes, ...args),
  };
}

/** The unrevoked descendants of a runtime that expire after a time. */
export function descendantsInMemory(
  { runtimes }: MemoryTables,
  agentRuntimeId: string,
  after: EpochMilliseconds,
): StoredAgentRuntime[] {
  return [...runtimes.values()].filter(
    ({ lineage, revokedAt, expiresAt }) =>
      lineage.includes(agentRuntimeId) && revokedAt === null && (expiresAt === null || expiresAt > after),
  );
}

/** Returns a function that changes a runtime, and its descendants with it. */
function createTreeChange(tables: MemoryTables, changes: StoreChanges) {
  return (
    runtime: StoredAgentRuntime,
    toChanged: (runtime: StoredAgentRuntime) => StoredAgentRuntime,
    entry: AuditEntryDraft,
  ): true => {
    put(tables, changes, toChanged(runtime), entry);
    for (const descendant of descendantsInMemory(tables, runtime.agentRuntimeId, expiresAfter(entry.at))) {
      const changed = toChanged(descendant);
      if (changed.suspendedAt === descendant.suspendedAt && changed.revokedAt === null) continue;
      put(tables, changes, changed, auditedChange.withAncestor(entry, descendant.agentRuntimeId));
    }
    return true;
  };
}

function changeKey(
  tables: MemoryTables,
  changes: StoreChanges,
  ...[agentRuntimeId, change, changedAt, origin]: Parameters<RuntimeStore['changeAgentRuntimeKey']>
): StoredAgentRuntime | undefined {
  const { from, to, endTasks } = change;
  requireStorableText({ from, to });
  const { runtimes, runtimeIdsByKey } = tables;
  const runtime = runtimes.get(agentRuntimeId);
  if (runtime === undefined || runtime.revokedAt !== null) return runtime;
  const isRepeat = runtime.publicKeySsh === to;
  if (endTasks && isRepeat) revokeTasksInMemory(tables, changes, agentRuntimeId, changedAt, origin);
  if (isRepeat || runtime.publicKeySsh !== from || runtimeIdsByKey.has(to)) return runtime;
  // The old key stays with the runtime.
  runtimeIdsByKey.set(to, agentRuntimeId);
  const changed = { ...runtime, publicKeySsh: to };
  put(
    tables,
    changes,
    changed,
    auditedChange.agentRuntimeKeyChanged(agentRuntimeId, change, changedAt, origin),
  );
  if (endTasks) revokeTasksInMemory(tables, changes, agentRuntimeId, changedAt, origin);
  return changed;
}

function put(
  tables: MemoryTables,
  { notify }: StoreChanges,
  runtime: StoredAgentRuntime,
  entry: AuditEntryDraft,
): void {
  appendInMemory(tables, entry);
  tables.runtimes.set(runtime.agentRuntimeId, runtime);
  notify({ kind: 'agent_runtime_changed', agentRuntimeId: runtime.agentRuntimeId });
}
