import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import type { AgentAccount } from './agent-account.js';
import type { Principal } from './authenticator.js';
import { requireAccount } from './require-account.js';

/** The verified claims of an access token (RFC 7519 section 4). */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** The name of a claim, or the way to a claim within claims, such as `['https://example.com/auth', 'account_id']`. */
export type ClaimPath = string | readonly string[];

/** Which claims make up an account. */
export interface AccountClaims {
  /** Whose claim owns the runtimes: an organization, or the user. There is no default. */
  readonly accountId: ClaimPath;
  /** `sub` by default. */
  readonly chatgptUserId?: ClaimPath | undefined;
  /** `email` by default. */
  readonly email?: ClaimPath | undefined;
  /** Accounts have the plan `unknown` where it is left out or the claim is missing. */
  readonly planType?: ClaimPath | undefined;
  /** `false` where it is left out or the claim is missing. */
  readonly isFedramp?: ClaimPath | undefined;
}

/**
 * Makes accounts of claims. A token whose claims do not make one is not accepted.
 *
 * @throws AgentIdentityError `invalid_argument` for a path that is none
 */
export function accountFromClaims({
  accountId,
  chatgptUserId = 'sub',
  email = 'email',
  planType,
  isFedramp,
}: AccountClaims): (claims: TokenClaims) => AgentAccount | undefined {
  for (const path of [accountId, chatgptUserId, email]) requirePath(path);
  for (const path of [planType, isFedramp]) if (path !== undefined) requirePath(path);
  return (claims) => {
    const account = {
      accountId: claimAt(claims, accountId),
      chatgptUserId: claimAt(claims, chatgptUserId),
      email: claimAt(claims, email) ?? undefined,
      planType: claimAt(claims, planType) ?? 'unknown',
      isFedramp: claimAt(claims, isFedramp) ?? false,
    } as AgentAccount;
    try {
      requireAccount(account, 'account');
    } catch {
      return undefined;
    }
    return account;
  };
}

/** Which tokens may administrate, or look up agents. */
export interface PrincipalClaims {
  /** The claim that must hold the value: a string, a list of strings, or words in a string as in `scope`. */
  readonly required: { readonly claim: ClaimPath; readonly value: string };
  /** Who acts, for the audit log; `sub` by default. */
  readonly name?: ClaimPath | undefined;
}

/**
 * Makes principals of claims: of those tokens only that carry the required claim, because an issuer has many users.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function principalFromClaims({
  required,
  name = 'sub',
}: PrincipalClaims): (claims: TokenClaims) => Principal | undefined {
  requirePath(required?.claim);
  requirePath(name);
  if (typeof required.value !== 'string' || required.value === '') {
    throw authorityError(
      'invalid_argument',
      `required.value: expected a string, got ${describeType(required.value)}`,
    );
  }
  return (claims) => {
    const held = claimAt(claims, required.claim);
    const values: readonly unknown[] = Array.isArray(held) ? held : String(held ?? '').split(' ');
    const who = claimAt(claims, name);
    if (!values.includes(required.value) || typeof who !== 'string' || who.trim() === '') return undefined;
    return { name: who };
  };
}

function claimAt(claims: TokenClaims, path: ClaimPath | undefined): unknown {
  if (path === undefined) return undefined;
  let value: unknown = claims;
  for (const name of typeof path === 'string' ? [path] : path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as TokenClaims)[name];
  }
  return value;
}

function requirePath(path: ClaimPath): void {
  const names: readonly unknown[] = typeof path === 'string' ? [path] : Array.isArray(path) ? path : [];
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '')) {
    throw authorityError(
      'invalid_argument',
      `claim: expected a name or a list of names, got ${describeType(path)}`,
    );
  }
}
