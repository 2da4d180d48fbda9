import type {
  Page,
  RuntimeAgentInstanceChange,
  RuntimeAgentInstanceQuery,
  RuntimeAgentInstanceSelector,
  RuntimeAgentInstanceStore,
  StoredRuntimeAgentInstance,
} from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  readPageRequest,
  requireInstanceQuery,
  requireInstanceSelector,
  requireStorableInstance,
  rowCursorSchema,
  toPage,
} from 'agent-identity-authority-core/store';
import { and, eq, gt, inArray, isNotNull, isNull, lt, lte, type SQL } from 'drizzle-orm';
import { isAfterCursor, orderNewestFirst } from './keyset-pagination.js';
import { type EndedRowsTable, removeEndedRows } from './remove-ended-rows.js';
import { type InstanceRow, runtimeAgentInstances as table } from './schema.js';
import { appendAuditEntry } from './sql-audit-log.js';
import { type SqlSession, transactionConflict } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

const keyColumns = { time: table.createdAt, id: table.runtimeAgentInstanceId };

export function createSqlInstances(parts: SqlStoreParts): RuntimeAgentInstanceStore {
  const { database } = parts;
  return {
    async addRuntimeAgentInstance(instance, origin) {
      requireStorableInstance(instance);
      return transactAndNotify(parts, async (session) => {
        // On any conflict: of the Idempotency-Key, or of the public key.
        const [added] = await session
          .insert(table)
          .values(toRow(instance))
          .onConflictDoNothing()
          .returning({ id: table.runtimeAgentInstanceId });
        if (added === undefined) return findKnownInstance(session, instance);
        await appendAuditEntry(parts, session, auditedChange.runtimeAgentInstanceAdded(instance, origin));
        return instance;
      });
    },
    async findRuntimeAgentInstance(id) {
      if (!isStorableText(id)) return undefined;
      const matches = eq(table.runtimeAgentInstanceId, id);
      const [row] = await database.read((session) => session.select().from(table).where(matches));
      return row && fromRow(row);
    },
    listRuntimeAgentInstances: (query) => listInstances(parts, query),
    async touchRuntimeAgentInstance(id, seenAt) {
      if (!isStorableText(id)) return;
      const isOlder = and(eq(table.runtimeAgentInstanceId, id), lt(table.lastSeenAt, seenAt));
      await database.transaction((session) =>
        session.update(table).set({ lastSeenAt: seenAt }).where(isOlder),
      );
    },
    changeRuntimeAgentInstances: (...args) => changeInstances(parts, ...args),
    removeEndedInstances: (query) => removeEndedRows(database, endedInstances, query),
  };
}

const endedInstances: EndedRowsTable = {
  name: 'remove_ended_instances',
  table: 'agent_identity.runtime_agent_instances',
  ids: ['runtime_agent_instance_id'],
  hasEnded: 'candidate.revoked_at < $1 or (candidate.suspended_at is null and candidate.last_seen_at < $2)',
};

async function listInstances(
  { database }: SqlStoreParts,
  query: RuntimeAgentInstanceQuery = {},
): Promise<Page<StoredRuntimeAgentInstance>> {
  requireInstanceQuery(query);
  const { accountIds, status, cursor, limit: requested, ...selector } = query;
  const { after, limit } = readPageRequest({ cursor, limit: requested }, rowCursorSchema);
  if (!isStorable(selector)) return toPage([], limit, () => []);
  const isOfAccounts =
    accountIds &&
    inArray(
      table.accountId,
      accountIds.filter((id) => isStorableText(id)),
    );
  const rows = await database.read((session) =>
    session
      .select()
      .from(table)
      .where(and(isSelected(selector), isOfAccounts, hasStatus(status), isAfterCursor(keyColumns, after)))
      .orderBy(...orderNewestFirst(keyColumns))
      .limit(limit + 1),
  );
  return toPage(rows.map(fromRow), limit, (row) => [row.createdAt, row.runtimeAgentInstanceId]);
}

async function changeInstances(
  parts: SqlStoreParts,
  ...[selector, change, at, origin]: Parameters<RuntimeAgentInstanceStore['changeRuntimeAgentInstances']>
): Promise<number> {
  requireInstanceSelector(selector);
  if (!isStorable(selector)) return 0;
  const { set, where } = changes[change](at);
  return transactAndNotify(parts, async (session, notify) => {
    const changed = await session
      .update(table)
      .set(set)
      .where(and(isSelected(selector), isNull(table.revokedAt), where))
      .returning({ id: table.runtimeAgentInstanceId });
    if (changed.length === 0) return 0;
    await notify({ kind: 'runtime_agent_instances_changed' });
    const entry = auditedChange.runtimeAgentInstancesChanged(selector, change, changed.length, at, origin);
    await appendAuditEntry(parts, session, entry);
    return changed.length;
  });
}

/** What each change sets, and in which unrevoked rows. */
const changes: Readonly<
  Record<RuntimeAgentInstanceChange, (at: number) => { set: Partial<InstanceRow>; where?: SQL }>
> = {
  suspend: (at) => ({ set: { suspendedAt: at }, where: isNull(table.suspendedAt) }),
  resume: () => ({ set: { suspendedAt: null }, where: isNotNull(table.suspendedAt) }),
  revoke: (at) => ({ set: { revokedAt: at } }),
};

/** The instance with the same `Idempotency-Key`, or else with the same public key. */
async function findKnownInstance(
  session: SqlSession,
  { idempotencyKeyDigest, publicKeySsh }: StoredRuntimeAgentInstance,
): Promise<StoredRuntimeAgentInstance> {
  for (const matches of [
    eq(table.idempotencyKeyDigest, idempotencyKeyDigest),
    eq(table.publicKeySsh, publicKeySsh),
  ]) {
    const [row] = await session.select().from(table).where(matches);
    if (row !== undefined) return fromRow(row);
  }
  throw transactionConflict('an instance was neither added nor found');
}

function isStorable(selector: RuntimeAgentInstanceSelector): boolean {
  return Object.values(selector).every((value) => value === undefined || isStorableText(value));
}

function isSelected(selector: RuntimeAgentInstanceSelector): SQL | undefined {
  const { runtimeAgentInstanceId, agentHostId, installationId, userId, accountId, organizationId } = selector;
  return and(
    runtimeAgentInstanceId === undefined
      ? undefined
      : eq(table.runtimeAgentInstanceId, runtimeAgentInstanceId),
    agentHostId === undefined ? undefined : eq(table.agentHostId, agentHostId),
    installationId === undefined ? undefined : eq(table.installationId, installationId),
    userId === undefined ? undefined : eq(table.userId, userId),
    accountId === undefined ? undefined : eq(table.accountId, accountId),
    organizationId === undefined ? undefined : eq(table.organizationId, organizationId),
  );
}

/** The same condition as `instanceStatus`, in SQL. */
function hasStatus(status: RuntimeAgentInstanceQuery['status']): SQL | undefined {
  const { revokedAt, suspendedAt, lastSeenAt } = table;
  const isUsable = and(isNull(revokedAt), isNull(suspendedAt));
  switch (status?.is) {
    case 'revoked':
      return isNotNull(revokedAt);
    case 'suspended':
      return and(isNull(revokedAt), isNotNull(suspendedAt));
    case 'expired':
      return and(isUsable, lte(lastSeenAt, status.unusedSince));
    case 'active':
      return and(isUsable, gt(lastSeenAt, status.unusedSince));
    default:
      return undefined;
  }
}

function toRow({ actor, ...instance }: StoredRuntimeAgentInstance): InstanceRow {
  const { userId } = actor;
  return actor.kind === 'chatgpt'
    ? { ...instance, userId, accountId: actor.accountId, organizationId: null, projectId: null }
    : {
        ...instance,
        userId,
        accountId: null,
        organizationId: actor.organizationId,
        projectId: actor.projectId,
      };
}

function fromRow(row: InstanceRow): StoredRuntimeAgentInstance {
  const { userId, accountId, organizationId, projectId, ...instance } = row;
  return accountId === null
    ? { ...instance, actor: { kind: 'platform', userId, organizationId: organizationId ?? '', projectId } }
    : { ...instance, actor: { kind: 'chatgpt', userId, accountId } };
}
