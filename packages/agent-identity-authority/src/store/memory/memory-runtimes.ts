import { auditedChange } from '../../audit/audited-changes.js';
import { runtimeStanding } from '../../runtime-standing.js';
import type { AgentRuntimeQuery } from '../authority-store.js';
import { pageOf, pageStart } from '../page-cursor.js';
import { requireStorableRuntime } from '../require-storable.js';
import type { StoreChanges } from '../store-changes.js';
import type { RuntimeMethods } from '../store-parts.js';
import { rowPlaceSchema } from '../store-places.js';
import type { StoredAgentRuntime } from '../stored-rows.js';
import { appendInMemory } from './memory-audit-log.js';
import type { MemoryTables } from './memory-tables.js';
import { isBehind, newestFirst } from './newest-first.js';

export function memoryRuntimes(tables: MemoryTables, { tell }: StoreChanges): RuntimeMethods {
  const { runtimes, runtimeIdsByKey } = tables;
  return {
    async addAgentRuntime(runtime, origin) {
      requireStorableRuntime(runtime);
      const known = runtimes.get(runtimeIdsByKey.get(runtime.publicKeySsh) ?? '');
      if (known !== undefined) return known;
      appendInMemory(tables, auditedChange.agentRuntimeAdded(runtime, origin));
      runtimes.set(runtime.agentRuntimeId, runtime);
      runtimeIdsByKey.set(runtime.publicKeySsh, runtime.agentRuntimeId);
      return runtime;
    },
    findAgentRuntime: async (agentRuntimeId) => runtimes.get(agentRuntimeId),
    async listAgentRuntimes({ accountId, standing, ...page }: AgentRuntimeQuery = {}) {
      const { after, limit } = pageStart(page, rowPlaceSchema);
      const isAskedFor = (runtime: StoredAgentRuntime) =>
        (accountId === undefined || runtime.accountId === accountId) &&
        (standing === undefined || runtimeStanding(runtime, standing.at) === standing.is);
      const found = [...runtimes.values()]
        .map((row) => ({ row, place: [row.createdAt, row.agentRuntimeId] as const }))
        .filter(({ row, place }) => isBehind(place, after) && isAskedFor(row));
      return pageOf(newestFirst(found), limit, (row) => [row.createdAt, row.agentRuntimeId]);
    },
    async revokeAgentRuntime(agentRuntimeId, revokedAt, origin) {
      const runtime = runtimes.get(agentRuntimeId);
      if (runtime === undefined) return false;
      if (runtime.revokedAt === null) {
        appendInMemory(tables, auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin));
        runtimes.set(agentRuntimeId, { ...runtime, revokedAt });
        tell({ kind: 'agent_runtime_revoked', agentRuntimeId });
      }
      return true;
    },
  };
}
