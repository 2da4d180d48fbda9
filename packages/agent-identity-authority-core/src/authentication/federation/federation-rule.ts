import { isAgentIdentityError } from 'agent-identity-core';
import { invalidArgument, requireCapabilities, requireKnownOptions } from 'agent-identity-core/http';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { authorityError } from '../../errors.js';
import type { AgentAccount } from '../agent-account.js';
import type { OidcKeys } from '../oidc-keys.js';
import { requireOidcOptions } from '../oidc-tokens.js';
import { accountFromClaims, type ClaimPath, type TokenClaims } from '../token-claims.js';
import { defaultAlgorithms } from '../verify-oidc-token.js';
import { type ClaimCondition, type ParsedCondition, parseCondition } from './conditions.js';
import { type DescriptionRule, descriptionRuleMembers, parseDescription } from './description.js';
import { isOwnerCondition, requiredClaimsOf } from './open-issuers.js';

/**
 * Which tokens of an issuer register agents, and for which account. Of each member of the account, either the value is given
 * (`accountId`) or the claim that holds it (`accountIdClaim`).
 */
export interface FederationRule extends DescriptionRule {
  /** For the log and for `explain`; unique. */
  readonly name: string;
  /** The `iss` of the tokens, with or without a final slash. */
  readonly issuer: string;
  /** The accepted audiences. */
  readonly audience: string | readonly string[];
  /** The claim that holds the audience. Default: `aud`. Amazon Cognito writes it to `client_id`. */
  readonly audienceClaim?: string | undefined;
  /** Where the keys of the issuer are. Default: discovered (OpenID Connect Discovery 1.0 section 4). */
  readonly jwksUrl?: string | undefined;
  /** The keys of the issuer (RFC 7517), instead of fetching them. */
  readonly jwks?: object | undefined;
  /** Default: `RS256`, `PS256`, `ES256`, `EdDSA`. */
  readonly algorithms?: readonly string[] | undefined;
  /** All of them must hold. An issuer that anybody can get tokens of needs one about the owner. */
  readonly conditions?: readonly ClaimCondition[] | undefined;
  readonly accountId?: string | undefined;
  readonly accountIdClaim?: ClaimPath | undefined;
  readonly chatgptUserId?: string | undefined;
  /** Default: `sub`. */
  readonly chatgptUserIdClaim?: ClaimPath | undefined;
  readonly email?: string | undefined;
  /** Default: `email`. */
  readonly emailClaim?: ClaimPath | undefined;
  readonly planType?: string | undefined;
  readonly planTypeClaim?: ClaimPath | undefined;
  readonly isFedramp?: boolean | undefined;
  readonly isFedrampClaim?: ClaimPath | undefined;
  /** What the agents may do: a registration is granted those that it asks for. Default: nothing. */
  readonly capabilities?: readonly string[] | undefined;
}

/** A rule that is ready to use. */
export interface ParsedRule {
  readonly name: string;
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly audienceClaim: string;
  readonly algorithms: readonly string[];
  readonly keys: OidcKeys;
  readonly conditions: readonly ParsedCondition[];
  readonly accountOf: (claims: TokenClaims) => AgentAccount;
}

const accountMembers = ['accountId', 'chatgptUserId', 'email', 'planType', 'isFedramp'] as const;

const memberNames = [
  ...['name', 'issuer', 'audience', 'audienceClaim', 'jwksUrl', 'jwks', 'algorithms', 'conditions'],
  'capabilities',
  ...descriptionRuleMembers,
  ...accountMembers,
  ...accountMembers.map((member) => `${member}Claim`),
];

/** Opens the keys of an issuer, which its rules share. */
export type OpenKeys = (issuer: string, jwksUrl: string | undefined) => OidcKeys;

/** @throws AgentIdentityError `invalid_argument`, `insecure_url` */
export function parseFederationRule(rule: FederationRule, index: number, openKeys: OpenKeys): ParsedRule {
  const name = `rules[${index}]`;
  requireKnownOptions(rule, memberNames, name);
  const { issuer, audience, audienceClaim = 'aud', jwksUrl, jwks, conditions = [] } = rule;
  const { algorithms = defaultAlgorithms } = rule;
  if (typeof rule.name !== 'string' || rule.name === '') {
    throw invalidArgument(`${name}.name`, 'a name', rule.name);
  }
  if (typeof audienceClaim !== 'string' || audienceClaim === '') {
    throw invalidArgument(`${name}.audienceClaim`, 'the name of a claim', audienceClaim);
  }
  requireOidcOptions({ issuer, audience, algorithms });
  if (jwks !== undefined && jwksUrl !== undefined) {
    throw invalidArgument(name, 'one of jwks and jwksUrl', 'both');
  }
  if (!Array.isArray(conditions)) throw invalidArgument(`${name}.conditions`, 'a list', conditions);
  const parsed = conditions.map((condition, i) => parseCondition(condition, `${name}.conditions[${i}]`));
  requireOwnerCondition(issuer, parsed, name);
  return {
    name: rule.name,
    issuer,
    audience: [audience].flat(),
    audienceClaim,
    algorithms,
    keys: jwks === undefined ? openKeys(issuer, jwksUrl) : givenKeys(jwks, name),
    conditions: parsed,
    accountOf: parseAccount(rule, name),
  };
}

function requireOwnerCondition(issuer: string, conditions: readonly ParsedCondition[], name: string): void {
  const claims = requiredClaimsOf(issuer);
  if (claims === undefined || conditions.some((condition) => isOwnerCondition(condition, claims))) return;
  throw authorityError(
    'invalid_argument',
    `${name}.conditions: anybody can get tokens of this issuer; expected a condition that names the owner, on one of ${claims.join(', ')}`,
  );
}

function givenKeys(jwks: object, name: string): OidcKeys {
  try {
    const keySet = createLocalJWKSet(jwks as JSONWebKeySet);
    return { current: async () => keySet, newerThan: async () => undefined };
  } catch {
    throw invalidArgument(`${name}.jwks`, 'a JSON Web Key Set', jwks);
  }
}

function parseAccount(rule: FederationRule, name: string): (claims: TokenClaims) => AgentAccount {
  for (const member of accountMembers) {
    if (rule[member] !== undefined && rule[`${member}Claim`] !== undefined) {
      throw invalidArgument(name, `one of ${member} and ${member}Claim`, 'both');
    }
  }
  if (rule.accountId === undefined && rule.accountIdClaim === undefined) {
    throw invalidArgument(name, 'accountId or accountIdClaim', undefined);
  }
  const sources = accountMembers.map((member) => {
    const value = rule[member];
    return [member, value === undefined ? rule[`${member}Claim`] : { value }];
  });
  const describe = parseDescription(rule, name);
  const { capabilities } = rule;
  if (capabilities !== undefined) requireCapabilities(capabilities, `${name}.capabilities`);
  try {
    const accountOf = accountFromClaims(Object.fromEntries(sources));
    return (claims) => {
      const agent = describe(claims);
      return { ...accountOf(claims), ...(capabilities && { capabilities }), ...(agent && { agent }) };
    };
  } catch (error) {
    if (!isAgentIdentityError(error)) throw error;
    throw authorityError('invalid_argument', error.message.replace(/^(?:account\.)?/, `${name}.`));
  }
}
