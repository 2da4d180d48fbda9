import type {
  EnrollmentStore,
  EnrollmentTokenQuery,
  Page,
  StoredEnrollmentToken,
} from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  readPageRequest,
  requireEnrollmentTokenQuery,
  requireStorableEnrollmentToken,
  requireStorableRuntime,
  rowCursorSchema,
  toPage,
} from 'agent-identity-authority-core/store';
import { and, eq, gt, inArray, isNull, sql } from 'drizzle-orm';
import { isAfterCursor, orderNewestFirst } from './keyset-pagination.js';
import { findRuntimeByKey } from './runtime-keys.js';
import { enrollmentTokens } from './schema.js';
import { appendAuditEntry } from './sql-audit-log.js';
import type { SqlSession } from './sql-database.js';
import { insertRuntime } from './sql-runtimes.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

const keyColumns = { time: enrollmentTokens.createdAt, id: enrollmentTokens.enrollmentTokenId };

export function createSqlEnrollment(parts: SqlStoreParts): EnrollmentStore {
  const { database } = parts;
  return {
    async addEnrollmentToken(token, origin) {
      requireStorableEnrollmentToken(token);
      await transactAndNotify(parts, async (session) => {
        await session.insert(enrollmentTokens).values(token);
        await appendAuditEntry(parts, session, auditedChange.enrollmentTokenAdded(token, origin));
      });
    },
    async findEnrollmentToken(tokenDigest) {
      const [token] = await database.read((session) =>
        session.select().from(enrollmentTokens).where(eq(enrollmentTokens.tokenDigest, tokenDigest)),
      );
      return token;
    },
    async findEnrollmentTokenById(enrollmentTokenId) {
      if (!isStorableText(enrollmentTokenId)) return undefined;
      return database.read((session) => findToken(session, enrollmentTokenId));
    },
    listEnrollmentTokens: (query) => listEnrollmentTokens(parts, query),
    async revokeEnrollmentToken(enrollmentTokenId, revokedAt, origin) {
      if (!isStorableText(enrollmentTokenId)) return undefined;
      const matches = eq(enrollmentTokens.enrollmentTokenId, enrollmentTokenId);
      return transactAndNotify(parts, async (session) => {
        const [revoked] = await session
          .update(enrollmentTokens)
          .set({ revokedAt })
          .where(and(matches, isNull(enrollmentTokens.revokedAt)))
          .returning();
        if (revoked === undefined) return findToken(session, enrollmentTokenId);
        const entry = auditedChange.enrollmentTokenRevoked(enrollmentTokenId, revokedAt, origin);
        await appendAuditEntry(parts, session, entry);
        return revoked;
      });
    },
    addEnrolledAgentRuntime: (...args) => addEnrolledAgentRuntime(parts, ...args),
  };
}

async function listEnrollmentTokens(
  { database }: SqlStoreParts,
  query: EnrollmentTokenQuery = {},
): Promise<Page<StoredEnrollmentToken>> {
  requireEnrollmentTokenQuery(query);
  const { accountIds, ...page } = query;
  const { after, limit } = readPageRequest(page, rowCursorSchema);
  const accountId = sql`${enrollmentTokens.account}::jsonb ->> 'accountId'`;
  const isOfAccounts =
    accountIds &&
    inArray(
      accountId,
      accountIds.filter((id) => isStorableText(id)),
    );
  const rows = await database.read((session) =>
    session
      .select()
      .from(enrollmentTokens)
      .where(and(isOfAccounts, isAfterCursor(keyColumns, after)))
      .orderBy(...orderNewestFirst(keyColumns))
      .limit(limit + 1),
  );
  return toPage(rows, limit, (row) => [row.createdAt, row.enrollmentTokenId]);
}

async function addEnrolledAgentRuntime(
  parts: SqlStoreParts,
  ...[runtime, enrollmentTokenId, origin]: Parameters<EnrollmentStore['addEnrolledAgentRuntime']>
): ReturnType<EnrollmentStore['addEnrolledAgentRuntime']> {
  requireStorableRuntime(runtime);
  const { agentRuntimeId, publicKeySsh, createdAt } = runtime;
  const matches = eq(enrollmentTokens.enrollmentTokenId, enrollmentTokenId);
  return transactAndNotify(parts, async (session) => {
    // Locks the token: of two agents, the second finds it used.
    const [used] = await session
      .update(enrollmentTokens)
      .set({ usedAt: createdAt, agentRuntimeId })
      .where(
        and(
          matches,
          isNull(enrollmentTokens.usedAt),
          isNull(enrollmentTokens.revokedAt),
          gt(enrollmentTokens.expiresAt, createdAt),
        ),
      )
      .returning();
    if (used !== undefined) {
      const added = await insertRuntime(parts, session, runtime, origin);
      if (added !== undefined) return added;
      await session.update(enrollmentTokens).set({ usedAt: null, agentRuntimeId: null }).where(matches);
      return findRuntimeByKey(session, publicKeySsh);
    }
    const known = await findRuntimeByKey(session, publicKeySsh);
    const token = await findToken(session, enrollmentTokenId);
    return token?.agentRuntimeId === known?.agentRuntimeId ? known : undefined;
  });
}

async function findToken(
  session: SqlSession,
  enrollmentTokenId: string,
): Promise<StoredEnrollmentToken | undefined> {
  const [token] = await session
    .select()
    .from(enrollmentTokens)
    .where(eq(enrollmentTokens.enrollmentTokenId, enrollmentTokenId));
  return token;
}
