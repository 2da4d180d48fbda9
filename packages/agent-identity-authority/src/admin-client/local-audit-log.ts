import {
  type Authority,
  type AuthorityStore,
  type ChangeOrigin,
  verifyAuditLog,
} from 'agent-identity-authority-core';
import { toWireAuditEntry, toWireAuditLogReport } from 'agent-identity-authority-core/admin-wire';
import { storeLogReader } from 'agent-identity-authority-core/store';
import type { AdminClient } from './admin-client.js';

/** Dependencies of the operations on the audit log in a store. */
export interface LocalAuditLogParts {
  readonly store: AuthorityStore;
  readonly authority: Authority;
  readonly origin: ChangeOrigin;
}

/** Creates the part of a local admin client for the audit log. */
export function createLocalAuditLog({
  store,
  authority,
  origin,
}: LocalAuditLogParts): Pick<AdminClient, 'listAuditEntries' | 'verifyAuditLog' | 'pruneAuditLog' | 'log'> {
  return {
    async listAuditEntries({ agent_runtime_id: agentRuntimeId, ...query }) {
      await authority.sequenceAuditEntries();
      const { items, nextCursor } = await store.listAuditEntries({ ...query, agentRuntimeId });
      return { entries: items.map(toWireAuditEntry), next_cursor: nextCursor };
    },
    async verifyAuditLog({ checkpoint }) {
      await authority.sequenceAuditEntries();
      return toWireAuditLogReport(await verifyAuditLog(store, { checkpoint }));
    },
    pruneAuditLog: async ({ below }) => ({
      removed: await store.pruneAuditEntries(below, Date.now(), origin),
    }),
    log: storeLogReader(store),
  };
}
