import type { AuthorityStore } from './authority-store.js';

/** The interface by what it keeps, so that each part can be implemented in a file of its own. */
export type RuntimeMethods = Pick<
  AuthorityStore,
  'addAgentRuntime' | 'findAgentRuntime' | 'listAgentRuntimes' | 'revokeAgentRuntime'
>;

export type TaskMethods = Pick<
  AuthorityStore,
  'addAgentTask' | 'findAgentTask' | 'listAgentTasks' | 'touchAgentTask' | 'revokeAgentTask'
>;

export type SigningKeyMethods = Pick<
  AuthorityStore,
  'listSigningKeys' | 'addFirstSigningKey' | 'rotateSigningKey' | 'retireSigningKey' | 'resealSigningKeys'
>;

export type AuditLogMethods = Pick<
  AuthorityStore,
  'appendAuditEntry' | 'listAuditEntries' | 'auditHead' | 'verifyAuditLog'
>;
