import {
  type AuditLogReport,
  type AuthorityStore,
  type SignAuditLog,
  verifyAuditLog,
} from 'agent-identity-authority-core';
import { signCheckpoint } from 'agent-identity-authority-core/store';
import { generateAgentKey, readAgentKey } from 'agent-identity-core';

/** Gives the waiting entries of the audit log their places, as an authority does. */
export async function sequence(store: AuthorityStore): Promise<void> {
  const origin = 'authority.example.com/audit';
  await store.addAuditLogKey({ origin, privateKey: generateAgentKey().toPkcs8Base64(), createdAt: 0 });
  const key = await store.auditLogKey();
  if (key === undefined) throw new Error('the store has no key of the audit log');
  const agentKey = readAgentKey(key.privateKey);
  const sign: SignAuditLog = (state) => signCheckpoint({ origin, ...state }, agentKey);
  while ((await store.sequenceAuditEntries(sign)).areMoreWaiting);
}

/** Does the same and verifies the log. */
export async function verified(store: AuthorityStore, checkpoint?: string): Promise<AuditLogReport> {
  await sequence(store);
  return verifyAuditLog(store, { checkpoint });
}

/** Does the same and returns how many entries the log has. */
export async function countAuditEntries(store: AuthorityStore): Promise<number> {
  await sequence(store);
  return (await store.auditCheckpoint())?.size ?? 0;
}
