import type {
  AgentRuntimeQuery,
  Page,
  RuntimeStore,
  StoredAgentRuntime,
} from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  readPageRequest,
  requireStorableRuntime,
  rowCursorSchema,
  toPage,
} from 'agent-identity-authority-core/store';
import { and, eq, gt, isNotNull, isNull, lte, or, type SQL } from 'drizzle-orm';
import { isAfterCursor, newestFirst } from './keyset-pagination.js';
import { agentRuntimes } from './schema.js';
import { appendAuditRow } from './sql-audit-log.js';
import type { SqlSession } from './sql-database.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

const place = { time: agentRuntimes.createdAt, id: agentRuntimes.agentRuntimeId };

export function sqlRuntimes(parts: SqlStoreParts): RuntimeStore {
  const { database } = parts;
  return {
    async addAgentRuntime(runtime, origin) {
      requireStorableRuntime(runtime);
      return transactAndNotify(parts, async (session) => {
        const [added] = await session
          .insert(agentRuntimes)
          .values(runtime)
          .onConflictDoNothing({ target: agentRuntimes.publicKeySsh })
          .returning();
        if (added === undefined) return runtimeOfKey(session, runtime.publicKeySsh);
        await appendAuditRow(session, auditedChange.agentRuntimeAdded(runtime, origin));
        return added;
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
  { accountId, status, ...page }: AgentRuntimeQuery = {},
): Promise<Page<StoredAgentRuntime>> {
  const { after, limit } = readPageRequest(page, rowCursorSchema);
  if (accountId !== undefined && !isStorableText(accountId)) return toPage([], limit, () => []);
  const account = accountId === undefined ? undefined : eq(agentRuntimes.accountId, accountId);
  const rows = await database.read((session) =>
    session
      .select()
      .from(agentRuntimes)
      .where(and(account, hasStatus(status), isAfterCursor(place, after)))
      .orderBy(...newestFirst(place))
      .limit(limit + 1),
  );
  return toPage(rows, limit, (row) => [row.createdAt, row.agentRuntimeId]);
}

async function revokeAgentRuntime(
  parts: SqlStoreParts,
  ...[agentRuntimeId, revokedAt, origin]: Parameters<RuntimeStore['revokeAgentRuntime']>
): Promise<boolean> {
  if (!isStorableText(agentRuntimeId)) return false;
  const isTheOne = eq(agentRuntimes.agentRuntimeId, agentRuntimeId);
  return transactAndNotify(parts, async (session, notify) => {
    const revoked = await session
      .update(agentRuntimes)
      .set({ revokedAt })
      .where(and(isTheOne, isNull(agentRuntimes.revokedAt)))
      .returning({ id: agentRuntimes.agentRuntimeId });
    if (revoked.length === 0) return (await session.select().from(agentRuntimes).where(isTheOne)).length > 0;
    await notify({ kind: 'agent_runtime_revoked', agentRuntimeId });
    await appendAuditRow(session, auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin));
    return true;
  });
}

async function runtimeOfKey(session: SqlSession, publicKeySsh: string) {
  const [known] = await session
    .select()
    .from(agentRuntimes)
    .where(eq(agentRuntimes.publicKeySsh, publicKeySsh));
  if (known === undefined) throw new Error('a runtime was neither added nor found');
  return known;
}

/** The same as `runtimeStatus`, for the database. */
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
