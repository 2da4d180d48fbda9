import { and, eq, gt, isNotNull, isNull, lte, or, type SQL } from 'drizzle-orm';
import { auditedChange } from '../../audit/audited-changes.js';
import type { AgentRuntimeQuery } from '../authority-store.js';
import type { Page } from '../page.js';
import { pageOf, pageStart } from '../page-cursor.js';
import { requireStorableRuntime } from '../require-storable.js';
import { isStorableText } from '../storable-text.js';
import type { RuntimeMethods } from '../store-parts.js';
import { rowPlaceSchema } from '../store-places.js';
import type { StoredAgentRuntime } from '../stored-rows.js';
import { isBehind, newestFirst } from './page-of-rows.js';
import { agentRuntimes } from './schema.js';
import { appendAuditRow } from './sql-audit-log.js';
import type { SqlSession } from './sql-database.js';
import { changing, type SqlStoreParts } from './sql-store-parts.js';

const place = { time: agentRuntimes.createdAt, id: agentRuntimes.agentRuntimeId };

export function sqlRuntimes(parts: SqlStoreParts): RuntimeMethods {
  const { database } = parts;
  return {
    async addAgentRuntime(runtime, origin) {
      requireStorableRuntime(runtime);
      return changing(parts, async (session) => {
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
  { accountId, standing, ...page }: AgentRuntimeQuery = {},
): Promise<Page<StoredAgentRuntime>> {
  const { after, limit } = pageStart(page, rowPlaceSchema);
  if (accountId !== undefined && !isStorableText(accountId)) return pageOf([], limit, () => []);
  const account = accountId === undefined ? undefined : eq(agentRuntimes.accountId, accountId);
  const rows = await database.read((session) =>
    session
      .select()
      .from(agentRuntimes)
      .where(and(account, hasStanding(standing), isBehind(place, after)))
      .orderBy(...newestFirst(place))
      .limit(limit + 1),
  );
  return pageOf(rows, limit, (row) => [row.createdAt, row.agentRuntimeId]);
}

async function revokeAgentRuntime(
  parts: SqlStoreParts,
  ...[agentRuntimeId, revokedAt, origin]: Parameters<RuntimeMethods['revokeAgentRuntime']>
): Promise<boolean> {
  if (!isStorableText(agentRuntimeId)) return false;
  const isTheOne = eq(agentRuntimes.agentRuntimeId, agentRuntimeId);
  return changing(parts, async (session, note) => {
    const revoked = await session
      .update(agentRuntimes)
      .set({ revokedAt })
      .where(and(isTheOne, isNull(agentRuntimes.revokedAt)))
      .returning({ id: agentRuntimes.agentRuntimeId });
    if (revoked.length === 0) return (await session.select().from(agentRuntimes).where(isTheOne)).length > 0;
    await note({ kind: 'agent_runtime_revoked', agentRuntimeId });
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

/** The same as `runtimeStanding`, for the database. */
function hasStanding(standing: AgentRuntimeQuery['standing']): SQL | undefined {
  const { revokedAt, expiresAt } = agentRuntimes;
  switch (standing?.is) {
    case 'revoked':
      return isNotNull(revokedAt);
    case 'expired':
      return and(isNull(revokedAt), lte(expiresAt, standing.at));
    case 'active':
      return and(isNull(revokedAt), or(isNull(expiresAt), gt(expiresAt, standing.at)));
    default:
      return undefined;
  }
}
