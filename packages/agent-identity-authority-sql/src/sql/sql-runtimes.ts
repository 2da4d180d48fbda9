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
  readPageRequest,
  requireAgentRuntimeQuery,
  requireStorableRuntime,
  rowCursorSchema,
  toPage,
} from 'agent-identity-authority-core/store';
import { and, eq, gt, isNotNull, isNull, lte, or, type SQL } from 'drizzle-orm';
import { isAfterCursor, orderNewestFirst } from './keyset-pagination.js';
import { agentRuntimes } from './schema.js';
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
    revokeAgentRuntime: (...args) => revokeAgentRuntime(parts, ...args),
  };
}

async function listAgentRuntimes(
  { database }: SqlStoreParts,
  query: AgentRuntimeQuery = {},
): Promise<Page<StoredAgentRuntime>> {
  requireAgentRuntimeQuery(query);
  const { accountId, status, ...page } = query;
  const { after, limit } = readPageRequest(page, rowCursorSchema);
  if (accountId !== undefined && !isStorableText(accountId)) return toPage([], limit, () => []);
  const account = accountId === undefined ? undefined : eq(agentRuntimes.accountId, accountId);
  const rows = await database.read((session) =>
    session
      .select()
      .from(agentRuntimes)
      .where(and(account, hasStatus(status), isAfterCursor(keyColumns, after)))
      .orderBy(...orderNewestFirst(keyColumns))
      .limit(limit + 1),
  );
  return toPage(rows, limit, (row) => [row.createdAt, row.agentRuntimeId]);
}

async function revokeAgentRuntime(
  parts: SqlStoreParts,
  ...[agentRuntimeId, revokedAt, origin]: Parameters<RuntimeStore['revokeAgentRuntime']>
): Promise<boolean> {
  if (!isStorableText(agentRuntimeId)) return false;
  const matches = eq(agentRuntimes.agentRuntimeId, agentRuntimeId);
  return transactAndNotify(parts, async (session, notify) => {
    const revoked = await session
      .update(agentRuntimes)
      .set({ revokedAt })
      .where(and(matches, isNull(agentRuntimes.revokedAt)))
      .returning({ id: agentRuntimes.agentRuntimeId });
    if (revoked.length === 0) return (await session.select().from(agentRuntimes).where(matches)).length > 0;
    await notify({ kind: 'agent_runtime_revoked', agentRuntimeId });
    await appendAuditEntry(
      parts,
      session,
      auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin),
    );
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
  const { revokedAt, expiresAt } = agentRuntimes;
  switch (status?.is) {
    case 'revoked':
      return isNotNull(revokedAt);
    case 'expired':
      return and(isNull(revokedAt), lte(expiresAt, status.at));
    case 'active':
      return and(isNull(revokedAt), or(isNull(expiresAt), gt(expiresAt, status.at)));
    default:
      return undefined;
  }
}
