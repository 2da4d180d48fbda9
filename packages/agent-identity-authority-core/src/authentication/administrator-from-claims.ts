import { describeType } from 'agent-identity-core';
import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import { authorityError } from '../errors.js';
import {
  type Administrator,
  type AdministratorRole,
  administratorRoles,
  isAccountId,
  requireRole,
} from './administrator.js';
import {
  type ClaimPath,
  claimAt,
  formatPath,
  readName,
  requirePath,
  type TokenClaims,
  valuesAt,
} from './token-claims.js';

/** Options for `administratorFromClaims`. */
export interface AdministratorFromClaimsOptions {
  /** The claim that decides the role: a string, a list of strings, or space-separated words like `scope`. */
  readonly roleClaim: ClaimPath;
  /** The role of each value of that claim. Of several, the one that may do most counts. */
  readonly roles: Readonly<Record<string, AdministratorRole>>;
  /** The claim with the accounts that the administrator is limited to: a string or a list. Default: no limit. */
  readonly accountIds?: ClaimPath | undefined;
  /** Identifies the administrator in the audit log. Default: `sub`. */
  readonly name?: ClaimPath | undefined;
}

/**
 * Creates a mapping from claims to administrators. For a token without a role it throws `insufficient_scope`, because an issuer has
 * many users; without a name, or without the claim of `accountIds` if there is one, `invalid_access_token`.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { administratorFromClaims } from 'agent-identity-authority-core';
 *
 * const subjectOf = administratorFromClaims({
 *   roleClaim: 'groups',
 *   roles: { 'agents-support': 'viewer', 'agents-admin': 'administrator' },
 * });
 * const administrator = subjectOf({ sub: 'alice', groups: ['staff', 'agents-support'] }); // { name: 'alice', role: 'viewer' }
 * ```
 */
export function administratorFromClaims(
  options: AdministratorFromClaimsOptions,
): (claims: TokenClaims) => Administrator {
  requireKnownOptions(options, ['roleClaim', 'roles', 'accountIds', 'name'], 'options');
  const { roleClaim, roles, accountIds, name = 'sub' } = options;
  requirePath(roleClaim, 'roleClaim');
  requirePath(name, 'name');
  if (accountIds !== undefined) requirePath(accountIds, 'accountIds');
  const roleOf = readRoles(roles);
  return (claims) => {
    const given = valuesAt(claims, roleClaim).map((value) => roleOf.get(value));
    const role = administratorRoles.findLast((known) => given.includes(known));
    if (role === undefined) {
      const values = [...roleOf.keys()].map((value) => `"${value}"`).join(', ');
      throw authorityError(
        'insufficient_scope',
        `${formatPath(roleClaim)}: expected one of ${values} among its values`,
      );
    }
    const accounts = accountIds && { accountIds: readAccountIds(claims, accountIds) };
    return { name: readName(claims, name), role, ...accounts };
  };
}

function readRoles(
  roles: Readonly<Record<string, AdministratorRole>>,
): ReadonlyMap<unknown, AdministratorRole> {
  const entries = typeof roles === 'object' && roles !== null ? Object.entries(roles) : [];
  if (entries.length === 0 || entries.some(([value]) => value === '')) {
    throw invalidArgument('roles', 'roles by the values of the claim', roles);
  }
  for (const [value, role] of entries) requireRole(role, `roles["${value}"]`);
  return new Map(entries);
}

/** Refuses a token without accounts: it must not reach all of them. */
function readAccountIds(claims: TokenClaims, path: ClaimPath): readonly string[] {
  const claim = claimAt(claims, path);
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  if (values.length > 0 && values.every(isAccountId)) return values as readonly string[];
  throw authorityError(
    'invalid_access_token',
    `${formatPath(path)}: expected an account id or a list of them, got ${describeType(claim)}`,
  );
}
