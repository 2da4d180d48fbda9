import { withoutTrailingSlashes } from 'agent-identity-core/http';
import type { ParsedCondition } from './conditions.js';

/**
 * Issuers that anybody can get tokens of, and the claims that tell whose token it is. Not among them: claims whose form the owner
 * of a project can choose (`sub` of GitHub and others), and those of what was called (`job_workflow_ref`).
 */
const openIssuers: Readonly<Record<string, readonly string[]>> = {
  'https://token.actions.githubusercontent.com': [
    'repository_owner',
    'repository_owner_id',
    'repository',
    'repository_id',
    'enterprise_id',
  ],
  'https://gitlab.com': ['namespace_id', 'namespace_path', 'project_id', 'project_path'],
  'https://accounts.google.com': ['hd', 'email', 'sub'],
  'https://oidc.vercel.com': ['owner', 'owner_id', 'project_id'],
  'https://app.terraform.io': ['terraform_organization_id', 'terraform_organization_name'],
  'https://agent.buildkite.com': ['organization_id', 'organization_slug'],
  'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0': ['oid', 'sub'],
};

/**
 * Returns the claims of which an issuer needs a condition, because anybody can get tokens of it; `undefined` for an issuer with
 * users of its own.
 */
export function requiredClaimsOf(issuer: string): readonly string[] | undefined {
  return openIssuers[withoutTrailingSlashes(issuer).toLowerCase()];
}

/** Whether a condition tells whose token it is. */
export function isOwnerCondition(
  { claim, isRestrictive }: ParsedCondition,
  claims: readonly string[],
): boolean {
  const [name, ...deeper] = [claim].flat();
  return isRestrictive && deeper.length === 0 && claims.includes(name ?? '');
}
