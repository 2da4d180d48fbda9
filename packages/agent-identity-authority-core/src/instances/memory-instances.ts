import type { AgentActor } from 'agent-identity-verifier';
import { auditedChange } from '../audit/audited-changes.js';
import { appendInMemory } from '../audit/memory-audit-log.js';
import type { EpochMilliseconds } from '../instant.js';
import type { EndedRowsQuery, RemovedRows } from '../store/ended-rows.js';
import { removeEndedInMemory } from '../store/memory-ended-rows.js';
import { isAfterCursor, sortNewestFirst } from '../store/memory-pagination.js';
import type { MemoryTables } from '../store/memory-tables.js';
import { type Page, readPageRequest, rowCursorSchema, toPage } from '../store/pagination.js';
import type { StoreChanges } from '../store/store-changes.js';
import { instanceStatus } from './instance-status.js';
import {
  type RuntimeAgentInstanceChange,
  type RuntimeAgentInstanceQuery,
  type RuntimeAgentInstanceSelector,
  type RuntimeAgentInstanceStore,
  requireInstanceQuery,
  requireInstanceSelector,
  requireStorableInstance,
  type StoredRuntimeAgentInstance,
} from './instance-store.js';

export function createMemoryInstances(
  tables: MemoryTables,
  { notify }: StoreChanges,
): RuntimeAgentInstanceStore {
  const { instances } = tables;
  const idsByIdempotencyKey = new Map<string, string>();
  const idsByPublicKey = new Map<string, string>();
  return {
    async addRuntimeAgentInstance(instance, origin) {
      requireStorableInstance(instance);
      const { runtimeAgentInstanceId: id, idempotencyKeyDigest, publicKeySsh } = instance;
      const knownId = idsByIdempotencyKey.get(idempotencyKeyDigest) ?? idsByPublicKey.get(publicKeySsh);
      const existing = instances.get(knownId ?? '');
      if (existing !== undefined) return existing;
      appendInMemory(tables, auditedChange.runtimeAgentInstanceAdded(instance, origin));
      instances.set(id, instance);
      idsByIdempotencyKey.set(idempotencyKeyDigest, id);
      idsByPublicKey.set(publicKeySsh, id);
      return instance;
    },
    findRuntimeAgentInstance: async (id) => instances.get(id),
    listRuntimeAgentInstances: async (query) => listInstances([...instances.values()], query),
    async touchRuntimeAgentInstance(id, seenAt) {
      const instance = instances.get(id);
      if (instance !== undefined && instance.lastSeenAt < seenAt) {
        instances.set(id, { ...instance, lastSeenAt: seenAt });
      }
    },
    async changeRuntimeAgentInstances(selector, change, at, origin) {
      requireInstanceSelector(selector);
      const changed = [...instances.values()]
        .filter((row) => isSelected(row, selector))
        .flatMap((row) => applyChange(row, change, at) ?? []);
      if (changed.length === 0) return 0;
      const entry = auditedChange.runtimeAgentInstancesChanged(selector, change, changed.length, at, origin);
      appendInMemory(tables, entry);
      for (const row of changed) instances.set(row.runtimeAgentInstanceId, row);
      notify({ kind: 'runtime_agent_instances_changed' });
      return changed.length;
    },
    removeEndedInstances: async (query) => removeEndedInstances(instances, query),
  };
}

function removeEndedInstances(
  instances: Map<string, StoredRuntimeAgentInstance>,
  query: EndedRowsQuery,
): RemovedRows {
  const { revokedBefore, unusedBefore = Number.NEGATIVE_INFINITY } = query;
  return removeEndedInMemory(query, {
    rows: instances.values(),
    idsOf: ({ runtimeAgentInstanceId }) => [runtimeAgentInstanceId],
    hasEnded: ({ revokedAt, suspendedAt, lastSeenAt }) =>
      (revokedAt ?? Infinity) < revokedBefore || (suspendedAt === null && lastSeenAt < unusedBefore),
    remove: ({ runtimeAgentInstanceId }) => instances.delete(runtimeAgentInstanceId),
  });
}

function listInstances(
  instances: readonly StoredRuntimeAgentInstance[],
  query: RuntimeAgentInstanceQuery = {},
): Page<StoredRuntimeAgentInstance> {
  requireInstanceQuery(query);
  const { accountIds, status, cursor, limit: requested, ...selector } = query;
  const { after, limit } = readPageRequest({ cursor, limit: requested }, rowCursorSchema);
  const rows = instances
    .filter((row) => isSelected(row, selector))
    .filter((row) => isOfAccounts(row, accountIds))
    .filter((row) => status === undefined || instanceStatus(row, status.unusedSince) === status.is)
    .map((row) => ({ row, key: [row.createdAt, row.runtimeAgentInstanceId] as const }))
    .filter(({ key }) => isAfterCursor(key, after));
  return toPage(sortNewestFirst(rows), limit, (row) => [row.createdAt, row.runtimeAgentInstanceId]);
}

function isSelected(row: StoredRuntimeAgentInstance, selector: RuntimeAgentInstanceSelector): boolean {
  const { actor, runtimeAgentInstanceId, agentHostId, installationId } = row;
  const values: RuntimeAgentInstanceSelector = {
    runtimeAgentInstanceId,
    agentHostId,
    installationId,
    userId: actor.userId,
    ...ownerOf(actor),
  };
  return Object.entries(selector).every(
    ([name, value]) => value === undefined || Reflect.get(values, name) === value,
  );
}

/** A `platform` actor has no account. */
function isOfAccounts(
  { actor }: StoredRuntimeAgentInstance,
  accountIds: readonly string[] | undefined,
): boolean {
  if (accountIds === undefined) return true;
  return actor.kind === 'chatgpt' && accountIds.includes(actor.accountId);
}

function ownerOf(actor: AgentActor): RuntimeAgentInstanceSelector {
  return actor.kind === 'chatgpt' ? { accountId: actor.accountId } : { organizationId: actor.organizationId };
}

/** The changed instance; `undefined` if the change does not concern it. */
function applyChange(
  row: StoredRuntimeAgentInstance,
  change: RuntimeAgentInstanceChange,
  at: EpochMilliseconds,
): StoredRuntimeAgentInstance | undefined {
  if (row.revokedAt !== null) return undefined;
  if (change === 'revoke') return { ...row, revokedAt: at };
  if ((change === 'suspend') === (row.suspendedAt !== null)) return undefined;
  return { ...row, suspendedAt: change === 'suspend' ? at : null };
}
