import type {
  AgentRuntimeQuery,
  ChangeOrigin,
  Page,
  RuntimeStore,
  StoredAgentRuntime,
} from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  maxDescendants,
  readPageRequest,
  requireAgentRuntimeQuery,
  requireStorableRuntime,
  rowCursorSchema,
  toPage,
} from 'agent-identity-authority-core/store';
import { and, eq, gt, isNotNull, isNull, lte, or, type SQL } from 'drizzle-orm';
import { createRuntimeChanges } from './change-runtimes.js';
import { isAfterCursor, orderNewestFirst } from './keyset-pagination.js';
import { findRuntimeByKey, isReplacedKey } from './runtime-keys.js';
import { countDescendants, lockLineage, mayAct, runtimeColumns, toRow } from './runtime-rows.js';
import { agentRuntimes } from './schema.js';
import { countRuntimes, isSelected, isStorable, revokeRuntimes } from './select-runtimes.js';
import { appendAuditEntry } from './sql-audit-log.js';
import type { SqlSession } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

const keyColumns = { time: agentRuntimes.createdAt, id: agentRuntimes.agentRuntimeId };

export function createSqlRuntimes(parts: SqlStoreParts): RuntimeStore {
  const { database } = parts;
  return {
    async addAgentRuntime(runtime, origin) {
      requireStorableRuntime(runtime);
      return transactAndNotify(parts, async (session) => {
        const added = await insertRuntime(parts, session, runtime, origin);
        return added ?? requireRuntimeByKey(session, runtime.publicKeySsh);
      });
    },
    async addChildAgentRuntime(runtime, origin) {
      requireStorableRuntime(runtime);
      return transactAndNotify(parts, async (session) => {
        const { lineage, publicKeySsh, createdAt } = runtime;
        if (!mayAct(await lockLineage(session, lineage), runtime)) return undefined;
        const known = await findRuntimeByKey(session, publicKeySsh);
        if (known !== undefined) return known;
        if ((await countDescendants(session, lineage[0] ?? '', createdAt)) >= maxDescendants)
          return undefined;
        const added = await insertRuntime(parts, session, runtime, origin);
        return added ?? requireRuntimeByKey(session, publicKeySsh);
      });
    },
    async countDescendants(agentRuntimeId, at) {
      if (!isStorableText(agentRuntimeId)) return 0;
      return database.read((session) => countDescendants(session, agentRuntimeId, at));
    },
    async findAgentRuntime(agentRuntimeId) {
      if (!isStorableText(agentRuntimeId)) return undefined;
      const [runtime] = await database.read((session) =>
        session
          .select(runtimeColumns)
          .from(agentRuntimes)
          .where(eq(agentRuntimes.agentRuntimeId, agentRuntimeId)),
      );
      return runtime;
    },
    listAgentRuntimes: (query) => listAgentRuntimes(parts, query),
    countAgentRuntimes: (selector) => countRuntimes(parts, selector),
    revokeAgentRuntimes: (...args) => revokeRuntimes(parts, ...args),
    ...createRuntimeChanges(parts),
  };
}

async function listAgentRuntimes(
  { database }: SqlStoreParts,
  query: AgentRuntimeQuery = {},
): Promise<Page<StoredAgentRuntime>> {
  requireAgentRuntimeQuery(query);
  const { status, cursor, limit: requested, ...selector } = query;
  const { after, limit } = readPageRequest({ cursor, limit: requested }, rowCursorSchema);
  if (!isStorable(selector)) return toPage([], limit, () => []);
  const rows = await database.read((session) =>
    session
      .select(runtimeColumns)
      .from(agentRuntimes)
      .where(and(isSelected(selector), hasStatus(status), isAfterCursor(keyColumns, after)))
      .orderBy(...orderNewestFirst(keyColumns))
      .limit(limit + 1),
  );
  return toPage(rows, limit, (row) => [row.createdAt, row.agentRuntimeId]);
}

/** Adds a runtime; returns `undefined` if its key is or was one of a runtime. */
export async function insertRuntime(
  parts: SqlStoreParts,
  session: SqlSession,
  runtime: StoredAgentRuntime,
  origin: ChangeOrigin | undefined,
): Promise<StoredAgentRuntime | undefined> {
  const [added] = await session
    .insert(agentRuntimes)
    .values(toRow(runtime))
    .onConflictDoNothing()
    .returning(runtimeColumns);
  if (added === undefined) return undefined;
  // After the insertion: before, a change of the key may not have been over.
  if (await isReplacedKey(session, runtime.publicKeySsh)) {
    await session.delete(agentRuntimes).where(eq(agentRuntimes.agentRuntimeId, runtime.agentRuntimeId));
    return undefined;
  }
  await appendAuditEntry(parts, session, auditedChange.agentRuntimeAdded(runtime, origin));
  return added;
}

async function requireRuntimeByKey(session: SqlSession, publicKeySsh: string) {
  const runtime = await findRuntimeByKey(session, publicKeySsh);
  if (runtime === undefined) throw new Error('a runtime was neither added nor found');
  return runtime;
}

/** The same condition as `runtimeStatus`, in SQL. */
function hasStatus(status: AgentRuntimeQuery['status']): SQL | undefined {
  const { suspendedAt, revokedAt, expiresAt } = agentRuntimes;
  if (status === undefined) return undefined;
  const isLive = and(isNull(revokedAt), or(isNull(expiresAt), gt(expiresAt, status.at)));
  switch (status.is) {
    case 'revoked':
      return isNotNull(revokedAt);
    case 'expired':
      return and(isNull(revokedAt), lte(expiresAt, status.at));
    case 'suspended':
      return and(isLive, isNotNull(suspendedAt));
    case 'active':
      return and(isLive, isNull(suspendedAt));
  }
}
