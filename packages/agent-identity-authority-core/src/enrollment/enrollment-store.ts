import { invalidArgument, requireKnownOptions, requireObject } from 'agent-identity-core/http';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import type { AgentAccount } from '../authentication/agent-account.js';
import { requireAccount } from '../authentication/require-account.js';
import { type EpochMilliseconds, requireInstants } from '../instant.js';
import { requireAccountIds } from '../runtimes/runtime-selector.js';
import type { StoredAgentRuntime } from '../runtimes/runtime-store.js';
import type { Page, PageRequest } from '../store/pagination.js';
import { requireStorableText } from '../store/storable-text.js';

/** A token that registers one agent, without the token itself. */
export interface StoredEnrollmentToken {
  readonly enrollmentTokenId: string;
  /** The SHA-256 of the token, hex; unique. It reveals nothing: a token has 256 random bits. */
  readonly tokenDigest: string;
  /** The account of the agent, and what it may do. */
  readonly account: AgentAccount;
  readonly createdAt: EpochMilliseconds;
  /** The token is expired from this moment on. */
  readonly expiresAt: EpochMilliseconds;
  /** When it registered an agent; null if it did not. */
  readonly usedAt: EpochMilliseconds | null;
  /** The agent that it registered; null if it did not. */
  readonly agentRuntimeId: string | null;
  readonly revokedAt: EpochMilliseconds | null;
}

/** Whether a token can still register an agent. */
export type EnrollmentTokenStatus = 'unused' | 'used' | 'revoked' | 'expired';

/** Which enrollment tokens to list. */
export interface EnrollmentTokenQuery extends PageRequest {
  /** Only tokens of one of these accounts; none for an empty list. */
  readonly accountIds?: readonly string[] | undefined;
}

/** The enrollment tokens of an authority; see `AuthorityStore` for what holds of every method. */
export interface EnrollmentStore {
  /** Adds an unused token. */
  addEnrollmentToken(token: StoredEnrollmentToken, origin?: ChangeOrigin): Promise<void>;

  /** Returns the token with this digest, in any status; `undefined` if there is none. */
  findEnrollmentToken(tokenDigest: string): Promise<StoredEnrollmentToken | undefined>;

  /** Returns the token with this id, in any status; `undefined` if there is none. */
  findEnrollmentTokenById(enrollmentTokenId: string): Promise<StoredEnrollmentToken | undefined>;

  /** Newest first. A token that is added while paging appears on no later page. */
  listEnrollmentTokens(query?: EnrollmentTokenQuery): Promise<Page<StoredEnrollmentToken>>;

  /**
   * Marks a token as revoked. The agent that it registered stays. Revoking it again changes nothing.
   *
   * @returns the token; `undefined` if there is none
   */
  revokeEnrollmentToken(
    enrollmentTokenId: string,
    revokedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<StoredEnrollmentToken | undefined>;

  /**
   * Adds a runtime as `addAgentRuntime` does, and uses the token for it, if the token is unused at `runtime.createdAt`. A key that
   * is known already does not use the token.
   *
   * @returns the runtime that has the key; `undefined` if the token cannot be used, unless it was used for this key
   */
  addEnrolledAgentRuntime(
    runtime: StoredAgentRuntime,
    enrollmentTokenId: string,
    origin?: ChangeOrigin,
  ): Promise<StoredAgentRuntime | undefined>;
}

/** The status of a token at a time. */
export function enrollmentTokenStatus(
  { usedAt, revokedAt, expiresAt }: StoredEnrollmentToken,
  now: EpochMilliseconds,
): EnrollmentTokenStatus {
  if (usedAt !== null) return 'used';
  if (revokedAt !== null) return 'revoked';
  return now < expiresAt ? 'unused' : 'expired';
}

/**
 * Requires a token that every store can keep.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import type { StoredEnrollmentToken } from 'agent-identity-authority-core';
 * import { requireStorableEnrollmentToken } from 'agent-identity-authority-core/store';
 *
 * declare const token: StoredEnrollmentToken;
 * requireStorableEnrollmentToken(token);
 * ```
 */
export function requireStorableEnrollmentToken(token: StoredEnrollmentToken): void {
  requireObject(token, 'token');
  const { enrollmentTokenId, tokenDigest, account, createdAt, expiresAt } = token;
  requireStorableText({ enrollmentTokenId });
  if (typeof tokenDigest !== 'string' || !/^[\da-f]{64}$/.test(tokenDigest)) {
    throw invalidArgument('tokenDigest', 'a SHA-256 in hex', tokenDigest);
  }
  requireAccount(account, 'account');
  requireInstants({ createdAt, expiresAt });
  if (token.usedAt !== null || token.agentRuntimeId !== null || token.revokedAt !== null) {
    throw invalidArgument('token', 'an unused token', 'a used one');
  }
}

/**
 * Refuses unknown members.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireEnrollmentTokenQuery } from 'agent-identity-authority-core/store';
 *
 * requireEnrollmentTokenQuery({ limit: 10 });
 * ```
 */
export function requireEnrollmentTokenQuery(query: EnrollmentTokenQuery): void {
  requireKnownOptions(query, ['accountIds', 'cursor', 'limit'], 'query');
  requireAccountIds(query.accountIds, 'query.accountIds');
}
