import type { AgentRuntimeSelector, RuntimeStore } from 'agent-identity-authority-core';
import {
  auditedChange,
  isStorableText,
  requireAgentRuntimeSelector,
} from 'agent-identity-authority-core/store';
import { and, eq, inArray, isNull, lt, type SQL, sql } from 'drizzle-orm';
import { selectRaw } from './raw-rows.js';
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
      .returning({ agentRuntimeId: agentRuntimes.agentRuntimeId });
    // Rolls back: one was added or revoked since they were counted.
    if (revoked.length !== expectedCount) throw new CountMismatch(revoked.length);
    for (const { agentRuntimeId } of revoked.slice(0, maxNotifications)) {
      await notify({ kind: 'agent_runtime_changed', agentRuntimeId });
    }
    if (revoked.length > maxNotifications) await notify({ kind: 'anything_may_have_changed' });
    await appendAuditEntries(
      parts,
      session,
      revoked.map(({ agentRuntimeId }) =>
        auditedChange.agentRuntimeRevoked(agentRuntimeId, revokedAt, origin),
      ),
    );
    return revoked.length;
  });
  return revoking.catch((error: unknown) => {
    if (error instanceof CountMismatch) return error.count;
    throw error;
  });
}

/** Above this number, other nodes drop all that they have cached. */
const maxNotifications = 100;

/** Thrown and handled in this file only. */
class CountMismatch extends Error {
  readonly count: number;

  constructor(count: number) {
    super('another number of runtimes matches');
    this.count = count;
  }
}
