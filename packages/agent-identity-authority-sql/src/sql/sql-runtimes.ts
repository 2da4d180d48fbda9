import type {
  AgentRuntimeQuery,
  AuditEntryDraft,
  ChangeOrigin,
  Page,
  RuntimeStore,
  StoredAgentRuntime,
} from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  readPageRequest,
  requireAgentRuntimeQuery,
  requireStorableRuntime,
  rowCursorSchema,
  toPage,
} from 'agent-identity-authority-core/store';
import { and, eq, gt, isNotNull, isNull, lte, or, type SQL } from 'drizzle-orm';
import { isAfterCursor, orderNewestFirst } from './keyset-pagination.js';
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
    async findAgentRuntime(agentRuntimeId) {
      if (!isStorableText(agentRuntimeId)) return undefined;
      const [runtime] = await database.read((session) =>
        session.select().from(agentRuntimes).where(eq(agentRuntimes.agentRuntimeId, agentRuntimeId)),
      );
      return runtime;
    },
    listAgentRuntimes: (query) => listAgentRuntimes(parts, query),
    countAgentRuntimes: (selector) => countRuntimes(parts, selector),
    revokeAgentRuntimes: (...args) => revokeRuntimes(parts, ...args),
    revokeAgentRuntime: async (agentRuntimeId, revokedAt, origin) =>
      changeRuntime(parts, {
        agentRuntimeId,
        columns: { revokedAt },
        changes: isNull(agentRuntimes.revokedAt),
        entry: auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin),
      }),
    suspendAgentRuntime: async (agentRuntimeId, suspendedAt, origin) =>
      changeRuntime(parts, {
        agentRuntimeId,
        columns: { suspendedAt },
        changes: and(isNull(agentRuntimes.suspendedAt), isNull(agentRuntimes.revokedAt)),
        entry: auditedChange.agentRuntimeSuspended(agentRuntimeId, suspendedAt, origin),
      }),
    resumeAgentRuntime: async (agentRuntimeId, resumedAt, origin) =>
      changeRuntime(parts, {
        agentRuntimeId,
        columns: { suspendedAt: null },
        changes: isNotNull(agentRuntimes.suspendedAt),
        entry: auditedChange.agentRuntimeResumed(agentRuntimeId, resumedAt, origin),
      }),
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
      .select()
      .from(agentRuntimes)
      .where(and(isSelected(selector), hasStatus(status), isAfterCursor(keyColumns, after)))
      .orderBy(...orderNewestFirst(keyColumns))
      .limit(limit + 1),
  );
  return toPage(rows, limit, (row) => [row.createdAt, row.agentRuntimeId]);
}

interface RuntimeChange {
  readonly agentRuntimeId: string;
  readonly columns: Partial<Pick<StoredAgentRuntime, 'suspendedAt' | 'revokedAt'>>;
  /** Which runtimes the change has an effect on. */
  readonly changes: SQL | undefined;
  readonly entry: AuditEntryDraft;
}

/** Changes a runtime; returns whether it exists. */
async function changeRuntime(
  parts: SqlStoreParts,
  { agentRuntimeId, columns, changes, entry }: RuntimeChange,
): Promise<boolean> {
  if (!isStorableText(agentRuntimeId)) return false;
  const matches = eq(agentRuntimes.agentRuntimeId, agentRuntimeId);
  return transactAndNotify(parts, async (session, notify) => {
    const changed = await session
      .update(agentRuntimes)
      .set(columns)
      .where(and(matches, changes))
      .returning({ id: agentRuntimes.agentRuntimeId });
    if (changed.length === 0) return (await session.select().from(agentRuntimes).where(matches)).length > 0;
    await notify({ kind: 'agent_runtime_changed', agentRuntimeId });
    await appendAuditEntry(parts, session, entry);
    return true;
  });
}

/** Adds a runtime; returns `undefined` if its key is known. */
export async function insertRuntime(
  parts: SqlStoreParts,
  session: SqlSession,
  runtime: StoredAgentRuntime,
  origin: ChangeOrigin | undefined,
): Promise<StoredAgentRuntime | undefined> {
  const [added] = await session.insert(agentRuntimes).values(runtime).onConflictDoNothing().returning();
  if (added === undefined) return undefined;
  await appendAuditEntry(parts, session, auditedChange.agentRuntimeAdded(runtime, origin));
  return added;
}

export async function findRuntimeByKey(
  session: SqlSession,
  publicKeySsh: string,
): Promise<StoredAgentRuntime | undefined> {
  const [runtime] = await session
    .select()
    .from(agentRuntimes)
    .where(eq(agentRuntimes.publicKeySsh, publicKeySsh));
  return runtime;
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
