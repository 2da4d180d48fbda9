import { isAgentIdentityError } from 'agent-identity-core';
import { invalidArgument, requireObject } from 'agent-identity-core/http';
import { authorityError } from '../../errors.js';
import {
  type AgentDescription,
  type AgentLabels,
  requireAgentDescription,
} from '../../runtimes/agent-description.js';
import { type ClaimPath, claimAt, requirePath, type TokenClaims } from '../token-claims.js';

/** What the agents of a rule are called: by fixed values, and by claims of the token. */
export interface DescriptionRule {
  /** A name for people. */
  readonly agentName?: string | undefined;
  readonly agentNameClaim?: ClaimPath | undefined;
  /** Whom to ask about the agents. */
  readonly agentOwner?: string | undefined;
  readonly agentOwnerClaim?: ClaimPath | undefined;
  readonly labels?: AgentLabels | undefined;
  /** The claims that hold labels, such as `{ repository: 'repository' }`. A token without the claim gives no such label. */
  readonly labelClaims?: Readonly<Record<string, ClaimPath>> | undefined;
}

/** The names of the members. */
export const descriptionRuleMembers: readonly (keyof DescriptionRule)[] = [
  'agentName',
  'agentNameClaim',
  'agentOwner',
  'agentOwnerClaim',
  'labels',
  'labelClaims',
];

/**
 * Creates the function that describes the agents of a rule: by its fixed values, and by claims of the token. A claim that is
 * missing describes nothing.
 *
 * @throws AgentIdentityError `invalid_argument`; the function throws `invalid_access_token` for a claim that cannot be used
 */
export function parseDescription(
  rule: DescriptionRule,
  name: string,
): (claims: TokenClaims) => AgentDescription | undefined {
  if (descriptionRuleMembers.every((member) => rule[member] === undefined)) return () => undefined;
  const { agentName, agentNameClaim, agentOwner, agentOwnerClaim, labels = {}, labelClaims = {} } = rule;
  requireOne({ agentName, agentNameClaim }, name);
  requireOne({ agentOwner, agentOwnerClaim }, name);
  requireAgentDescription({ name: agentName, owner: agentOwner, labels }, name);
  requireObject(labelClaims, `${name}.labelClaims`);
  const claimsOfLabels = Object.entries(labelClaims).map(
    ([label, path]) => [`labelClaims.${label}`, path] as const,
  );
  for (const [member, path] of [...Object.entries({ agentNameClaim, agentOwnerClaim }), ...claimsOfLabels]) {
    if (path !== undefined) requirePath(path, `${name}.${member}`);
  }
  // The names of the labels are checked now, their values when a token comes.
  const names = [...Object.keys(labels), ...Object.keys(labelClaims)];
  if (new Set(names).size < names.length) {
    throw invalidArgument(name, 'each label in one of labels and labelClaims', 'one in both');
  }
  requireAgentDescription({ labels: Object.fromEntries(names.map((label) => [label, ''])) }, name);
  return (claims) => {
    const description = {
      name: agentName ?? textAt(claims, agentNameClaim),
      owner: agentOwner ?? textAt(claims, agentOwnerClaim),
      labels: { ...labels, ...labelsAt(claims, labelClaims) },
    };
    try {
      requireAgentDescription(description, 'claims');
    } catch (error) {
      if (!isAgentIdentityError(error)) throw error;
      throw authorityError('invalid_access_token', error.message);
    }
    return description;
  };
}

function requireOne(members: Readonly<Record<string, unknown>>, name: string): void {
  const given = Object.keys(members).filter((member) => members[member] !== undefined);
  if (given.length > 1) throw invalidArgument(name, `one of ${given.join(' and ')}`, 'both');
}

/** Not yet checked to be a text. */
function textAt(claims: TokenClaims, path: ClaimPath | undefined): string | undefined {
  return (claimAt(claims, path) ?? undefined) as string | undefined;
}

function labelsAt(
  claims: TokenClaims,
  labelClaims: Readonly<Record<string, ClaimPath>>,
): Record<string, string> {
  const found = Object.entries(labelClaims).map(([label, path]) => [label, textAt(claims, path)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Record<string, string>;
}
