import type { AdministratorRole } from '../authentication/administrator.js';

/** Who may call an operation of administrators. */
export interface AdministratorPermission {
  readonly role: AdministratorRole;
  /**
   * Administrators who are limited to accounts: `own` if the handler shows and changes nothing of other accounts, `refused` if the
   * operation concerns all of them.
   */
  readonly limited: 'own' | 'refused';
}

/** The permission of each operation of administrators. An operation without an entry does not compile. */
const administratorPermissions = {
  getCallingAdministrator: { role: 'viewer', limited: 'own' },
  listAgentRuntimes: { role: 'viewer', limited: 'own' },
  inspectAgentRuntime: { role: 'viewer', limited: 'own' },
  listAgentTasks: { role: 'viewer', limited: 'own' },
  listRuntimeAgentInstances: { role: 'viewer', limited: 'own' },
  inspectRuntimeAgentInstance: { role: 'viewer', limited: 'own' },
  listEnrollmentTokens: { role: 'viewer', limited: 'own' },
  // Nothing in them is of an account, and the public key set has most of it.
  listSigningKeys: { role: 'viewer', limited: 'own' },
  // Their entries name all accounts.
  listAuditEntries: { role: 'viewer', limited: 'refused' },
  verifyAuditLog: { role: 'viewer', limited: 'refused' },
  getAuditLogTile: { role: 'viewer', limited: 'refused' },
  // They count what happens in all accounts.
  readMetrics: { role: 'viewer', limited: 'refused' },
  issueAgentIdentity: { role: 'operator', limited: 'own' },
  suspendAgentRuntime: { role: 'operator', limited: 'own' },
  resumeAgentRuntime: { role: 'operator', limited: 'own' },
  revokeAgentRuntime: { role: 'operator', limited: 'own' },
  revokeAgentRuntimes: { role: 'operator', limited: 'own' },
  revokeAgentTask: { role: 'operator', limited: 'own' },
  suspendRuntimeAgentInstance: { role: 'operator', limited: 'own' },
  resumeRuntimeAgentInstance: { role: 'operator', limited: 'own' },
  revokeRuntimeAgentInstance: { role: 'operator', limited: 'own' },
  suspendRuntimeAgentInstances: { role: 'operator', limited: 'own' },
  resumeRuntimeAgentInstances: { role: 'operator', limited: 'own' },
  revokeRuntimeAgentInstances: { role: 'operator', limited: 'own' },
  createEnrollmentToken: { role: 'operator', limited: 'own' },
  revokeEnrollmentToken: { role: 'operator', limited: 'own' },
  rotateSigningKey: { role: 'administrator', limited: 'refused' },
  retireSigningKey: { role: 'administrator', limited: 'refused' },
  pruneAuditLog: { role: 'administrator', limited: 'refused' },
} as const;

export type AdministratorOperationId = keyof typeof administratorPermissions;

export function permissionFor(operationId: AdministratorOperationId): AdministratorPermission {
  return administratorPermissions[operationId];
}
