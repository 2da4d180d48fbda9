import { invalidArgument, isHeaderSafe, requireKnownOptions } from 'agent-identity-core/http';
import type { Principal } from './authenticator.js';

/**
 * What an administrator may do: `viewer` reads; `operator` also issues, enrolls, suspends, resumes and revokes agents;
 * `administrator` also rotates and retires signing keys and prunes the audit log.
 */
export type AdministratorRole = 'viewer' | 'operator' | 'administrator';

/** All roles. Each may do what the ones before it may do. */
export const administratorRoles = ['viewer', 'operator', 'administrator'] as const;

/** An administrator of the authority. */
export interface Administrator extends Principal {
  readonly role: AdministratorRole;
  /** The accounts that the administrator is limited to: other ones do not exist for them. Default: no limit. */
  readonly accountIds?: readonly string[] | undefined;
}

/** Whether a role may do what the other one may do. */
export function includesRole(role: AdministratorRole, required: AdministratorRole): boolean {
  return administratorRoles.indexOf(role) >= administratorRoles.indexOf(required);
}

/** @throws AgentIdentityError `invalid_argument` */
export function requireAdministrator(administrator: Administrator, name: string): Administrator {
  requireKnownOptions(administrator, ['name', 'role', 'accountIds'], name);
  if (typeof administrator.name !== 'string' || administrator.name.trim() === '') {
    throw invalidArgument(`${name}.name`, 'a non-blank string', administrator.name);
  }
  requireRole(administrator.role, `${name}.role`);
  requireAdministratorAccounts(administrator.accountIds, `${name}.accountIds`);
  return administrator;
}

/** @throws AgentIdentityError `invalid_argument` */
export function requireRole(role: unknown, name: string): void {
  if (administratorRoles.some((known) => known === role)) return;
  throw invalidArgument(name, administratorRoles.join(', '), role);
}

/** An empty list is refused: it looks like no limit to some, and like nothing to others. */
function requireAdministratorAccounts(accountIds: unknown, name: string): void {
  if (accountIds === undefined) return;
  if (Array.isArray(accountIds) && accountIds.length > 0 && accountIds.every(isAccountId)) return;
  throw invalidArgument(name, 'a non-empty list of account ids', accountIds);
}

export function isAccountId(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && isHeaderSafe(value);
}
