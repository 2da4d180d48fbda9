import { describeType, isAgentIdentityError } from 'agent-identity-core';
import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import { authorityError } from '../errors.js';
import type { AgentAccount } from './agent-account.js';
import type { Principal } from './authenticator.js';
import { requireAccount } from './require-account.js';

/** The verified claims of an access token (RFC 7519 section 4). */
export type TokenClaims = Readonly<Record<string, unknown>>;

/** The name of a claim, or the path of a nested claim, such as `['https://example.com/auth', 'account_id']`. */
export type ClaimPath = string | readonly string[];

/** Where a member of an account comes from: a claim, or a value that is the same for all tokens. */
export type ClaimOrValue<Value> = ClaimPath | { readonly value: Value };

/** Options for `accountFromClaims`: where each member of an account comes from. */
export interface AccountFromClaimsOptions {
  /** The owner of the runtimes: an organization, or the user. No default. */
  readonly accountId: ClaimOrValue<string>;
  /** Default: `sub`. */
  readonly chatgptUserId?: ClaimOrValue<string> | undefined;
  /** Default: `email`. */
  readonly email?: ClaimOrValue<string> | undefined;
  /** If omitted, or if the claim is missing, the plan is `unknown`. */
  readonly planType?: ClaimOrValue<string> | undefined;
  /** If omitted, or if the claim is missing, it is `false`. */
  readonly isFedramp?: ClaimOrValue<boolean> | undefined;
}

/**
 * Creates a mapping from claims to accounts. It throws `invalid_access_token`, which names the claim, if the claims do not
 * make a complete account: ids must be strings, because large numbers would lose digits.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { accountFromClaims } from 'agent-identity-authority-core';
 *
 * const subjectOf = accountFromClaims({ accountId: ['https://example.com/auth', 'account_id'] });
 * const account = subjectOf({ sub: 'user-1', 'https://example.com/auth': { account_id: 'account-1' } });
 * ```
 */
export function accountFromClaims(options: AccountFromClaimsOptions): (claims: TokenClaims) => AgentAccount {
  const names = ['accountId', 'chatgptUserId', 'email', 'planType', 'isFedramp'];
  requireKnownOptions(options, names, 'options');
  const { accountId, chatgptUserId = 'sub', email = 'email', planType, isFedramp } = options;
  const sources = { accountId, chatgptUserId, email, planType, isFedramp };
  requireSources(sources);
  return (claims) => {
    const account = {
      accountId: read(claims, accountId),
      chatgptUserId: read(claims, chatgptUserId),
      email: read(claims, email) ?? undefined,
      planType: read(claims, planType) ?? 'unknown',
      isFedramp: read(claims, isFedramp) ?? false,
    } as AgentAccount;
    try {
      requireAccount(account, 'account');
    } catch (error) {
      throw toClaimError(error, sources);
    }
    return account;
  };
}

type Sources = Readonly<Record<string, ClaimOrValue<unknown> | undefined>>;

/** Values are checked now, and what claims give when a token comes. */
function requireSources(sources: Sources): void {
  const account: Record<string, unknown> = {
    accountId: 'account',
    chatgptUserId: 'user',
    planType: 'unknown',
    isFedramp: false,
  };
  for (const [name, source] of Object.entries(sources)) {
    if (isValue(source)) account[name] = source.value;
    else if (source !== undefined || name === 'accountId') requirePath(source as ClaimPath, name);
  }
  requireAccount(account as unknown as AgentAccount, 'account');
}

function isValue<Value>(source: ClaimOrValue<Value> | undefined): source is { readonly value: Value } {
  return typeof source === 'object' && source !== null && 'value' in source;
}

function read(claims: TokenClaims, source: ClaimOrValue<unknown> | undefined): unknown {
  return isValue(source) ? source.value : claimAt(claims, source);
}

/** Replaces the member of the account in the message by the claim that it comes from. */
function toClaimError(error: unknown, sources: Sources): unknown {
  if (!isAgentIdentityError(error)) return error;
  const message = error.message.replace(/^account\.(\w+)/, (_text, member: string) =>
    formatPath((sources[member] as ClaimPath | undefined) ?? member),
  );
  return authorityError('invalid_access_token', message);
}

/** Options for `principalFromClaims`. */
export interface PrincipalFromClaimsOptions {
  /** The claim that must have the value: a string, a list of strings, or space-separated words like `scope`. */
  readonly required: { readonly claim: ClaimPath; readonly value: string };
  /** Identifies the principal in the audit log. Default: `sub`. */
  readonly name?: ClaimPath | undefined;
}

/**
 * Creates a mapping from claims to principals. It only accepts tokens with the required claim, because an issuer has many
 * users: for others it throws `insufficient_scope`, and without a name `invalid_access_token`.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { principalFromClaims } from 'agent-identity-authority-core';
 *
 * const subjectOf = principalFromClaims({ required: { claim: 'scope', value: 'agents:admin' } });
 * const principal = subjectOf({ sub: 'alice', scope: 'openid agents:admin' }); // { name: 'alice' }
 * ```
 */
export function principalFromClaims(options: PrincipalFromClaimsOptions): (claims: TokenClaims) => Principal {
  requireKnownOptions(options, ['required', 'name'], 'options');
  const { required, name = 'sub' } = options;
  requireKnownOptions(required, ['claim', 'value'], 'required');
  requirePath(required.claim);
  requirePath(name);
  if (typeof required.value !== 'string' || required.value === '') {
    throw invalidArgument('required.value', 'a non-empty string', required.value);
  }
  return (claims) => {
    if (!valuesAt(claims, required.claim).includes(required.value)) {
      throw authorityError(
        'insufficient_scope',
        `${formatPath(required.claim)}: expected "${required.value}" among its values`,
      );
    }
    return { name: readName(claims, name) };
  };
}

/** The values of a claim: a list of strings, or space-separated words like `scope`. */
export function valuesAt(claims: TokenClaims, path: ClaimPath): readonly unknown[] {
  const claim = claimAt(claims, path);
  return Array.isArray(claim) ? claim : String(claim ?? '').split(' ');
}

/** @throws AgentIdentityError `invalid_access_token` */
export function readName(claims: TokenClaims, path: ClaimPath): string {
  const name = claimAt(claims, path);
  if (typeof name === 'string' && name.trim() !== '') return name;
  throw authorityError(
    'invalid_access_token',
    `${formatPath(path)}: expected a non-blank string, got ${describeType(name)}`,
  );
}

export function formatPath(path: ClaimPath): string {
  return `claim ${[path].flat().join(' > ')}`;
}

export function claimAt(claims: TokenClaims, path: ClaimPath | undefined): unknown {
  if (path === undefined) return undefined;
  let value: unknown = claims;
  for (const name of typeof path === 'string' ? [path] : path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as TokenClaims)[name];
  }
  return value;
}

export function requirePath(path: ClaimPath, name = 'claim'): void {
  const names: readonly unknown[] = typeof path === 'string' ? [path] : Array.isArray(path) ? path : [];
  if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '')) {
    throw invalidArgument(name, 'a name or a list of names', path);
  }
}
