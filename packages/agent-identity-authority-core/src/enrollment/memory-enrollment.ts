import { auditedChange } from '../audit/audited-changes.js';
import { appendInMemory } from '../audit/memory-audit-log.js';
import type { RuntimeStore } from '../runtimes/runtime-store.js';
import { isAfterCursor, sortNewestFirst } from '../store/memory-pagination.js';
import type { MemoryTables } from '../store/memory-tables.js';
import { readPageRequest, rowCursorSchema, toPage } from '../store/pagination.js';
import {
  type EnrollmentStore,
  enrollmentTokenStatus,
  requireEnrollmentTokenQuery,
  requireStorableEnrollmentToken,
} from './enrollment-store.js';

export function createMemoryEnrollment(
  tables: MemoryTables,
  { addAgentRuntime }: Pick<RuntimeStore, 'addAgentRuntime'>,
): EnrollmentStore {
  const { enrollmentTokens: tokens } = tables;
  return {
    async addEnrollmentToken(token, origin) {
      requireStorableEnrollmentToken(token);
      appendInMemory(tables, auditedChange.enrollmentTokenAdded(token, origin));
      tokens.set(token.enrollmentTokenId, token);
    },
    findEnrollmentToken: async (tokenDigest) =>
      [...tokens.values()].find((token) => token.tokenDigest === tokenDigest),
    findEnrollmentTokenById: async (enrollmentTokenId) => tokens.get(enrollmentTokenId),
    async listEnrollmentTokens(query = {}) {
      requireEnrollmentTokenQuery(query);
      const { accountIds, ...page } = query;
      const { after, limit } = readPageRequest(page, rowCursorSchema);
      const rows = [...tokens.values()]
        .filter(({ account }) => accountIds?.includes(account.accountId) ?? true)
        .map((row) => ({ row, key: [row.createdAt, row.enrollmentTokenId] as const }))
        .filter(({ key }) => isAfterCursor(key, after));
      return toPage(sortNewestFirst(rows), limit, (row) => [row.createdAt, row.enrollmentTokenId]);
    },
    async revokeEnrollmentToken(enrollmentTokenId, revokedAt, origin) {
      const token = tokens.get(enrollmentTokenId);
      if (token === undefined || token.revokedAt !== null) return token;
      const revoked = { ...token, revokedAt };
      appendInMemory(tables, auditedChange.enrollmentTokenRevoked(enrollmentTokenId, revokedAt, origin));
      tokens.set(enrollmentTokenId, revoked);
      return revoked;
    },
    async addEnrolledAgentRuntime(runtime, enrollmentTokenId, origin) {
      const token = tokens.get(enrollmentTokenId);
      if (token === undefined) return undefined;
      if (enrollmentTokenStatus(token, runtime.createdAt) !== 'unused') {
        const known = tables.runtimes.get(tables.runtimeIdsByKey.get(runtime.publicKeySsh) ?? '');
        return known?.agentRuntimeId === token.agentRuntimeId ? known : undefined;
      }
      // Nothing else runs before it has changed the tables.
      const adding = addAgentRuntime(runtime, origin);
      if (tables.runtimes.get(runtime.agentRuntimeId) === runtime) {
        const { createdAt: usedAt, agentRuntimeId } = runtime;
        tokens.set(enrollmentTokenId, { ...token, usedAt, agentRuntimeId });
      }
      return adding;
    },
  };
}
