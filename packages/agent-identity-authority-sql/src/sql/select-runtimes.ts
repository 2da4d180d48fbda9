import type { AgentRuntimeSelector, RuntimeStore } from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  requireAgentRuntimeSelector,
} from 'agent-identity-authority-core/store';
import { and, eq, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm';
import { markRevoked } from './change-runtimes.js';
import { selectRaw } from './raw-rows.js';
import { findDescendants, notifyOfRuntimes } from './runtime-rows.js';
import { agentRuntimes } from './schema.js';
import { appendAuditEntries } from './sql-audit-log.js';
import { type SqlStoreParts, transactAndNotify } from './sql-store-parts.js';

/** Other text is in no row. */
export function isStorable({ accountId, chatgptUserId }: AgentRuntimeSelector): boolean {
  return [accountId, chatgptUserId].every((text) => text === undefined || isStorableText(text));
}

export function isSelected({
  accountId,
  accountIds,
  chatgptUserId,
  labels,
  createdBefore,
}: AgentRuntimeSelector): SQL | undefined {
  const table = agentRuntimes;
  return and(
    accountId === undefined ? undefined : eq(table.accountId, accountId),
    accountIds &&
      inArray(
        table.accountId,
        accountIds.filter((id) => isStorableText(id)),
      ),
    chatgptUserId === undefined ? undefined : eq(table.chatgptUserId, chatgptUserId),
    labels === undefined ? undefined : sql`${table.labels}::jsonb @> ${JSON.stringify(labels)}::jsonb`,
    createdBefore === undefined ? undefined : lt(table.createdAt, createdBefore),
  );
}

export async function countRuntimes(
  { database }: SqlStoreParts,
  selector: AgentRuntimeSelector,
): Promise<number> {
  requireAgentRuntimeSelector(selector);
  if (!isStorable(selector)) return 0;
  const matches = and(isSelected(selector), isNull(agentRuntimes.revokedAt));
  const [row] = await database.read((session) =>
    selectRaw(session, sql`select count(*) from ${agentRuntimes} where ${matches}`),
  );
  return Number(row?.[0]);
}

export async function revokeRuntimes(
  parts: SqlStoreParts,
  ...[selector, expectedCount, revokedAt, origin]: Parameters<RuntimeStore['revokeAgentRuntimes']>
): Promise<number> {
  const count = await countRuntimes(parts, selector);
  if (count !== expectedCount || count === 0) return count;
  const revoking = transactAndNotify(parts, async (session, notify) => {
    const revoked = await session
      .update(agentRuntimes)
      .set({ revokedAt })
      .where(and(isSelected(selector), isNull(agentRuntimes.revokedAt)))
      .returning();
    // Rolls back: one was added or revoked since they were counted.
    if (revoked.length !== expectedCount) throw new CountMismatch(revoked.length);
    const selectedIds = revoked.map(({ agentRuntimeId }) => agentRuntimeId);
    const descendants = await findDescendants(session, selectedIds, revokedAt);
    await markRevoked(session, descendants, revokedAt);
    await notifyOfRuntimes(notify, [
      ...selectedIds,
      ...descendants.map(({ agentRuntimeId }) => agentRuntimeId),
    ]);
    const entryOf = (agentRuntimeId: string) =>
      auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin);
    const selected = new Set(selectedIds);
    await appendAuditEntries(parts, session, [
      ...selectedIds.map(entryOf),
      ...descendants.map(({ agentRuntimeId, lineage }) => {
        const ancestor = lineage.findLast((id) => selected.has(id)) ?? '';
        return auditedChange.withAncestor(entryOf(ancestor), agentRuntimeId);
      }),
    ]);
    return revoked.length;
  });
  return revoking.catch((error: unknown) => {
    if (error instanceof CountMismatch) return error.count;
    throw error;
  });
}

/** Thrown and handled in this file only. */
class CountMismatch extends Error {
  readonly count: number;

  constructor(count: number) {
    super('another number of runtimes matches');
    this.count = count;
  }
}
