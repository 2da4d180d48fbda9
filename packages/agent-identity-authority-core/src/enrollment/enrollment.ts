import type { Clock } from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import type { AgentAccount } from '../authentication/agent-account.js';
import { requireAccount } from '../authentication/require-account.js';
import { authorityError } from '../errors.js';
import type { EpochMilliseconds } from '../instant.js';
import { newId } from '../new-id.js';
import { requireWholeSeconds } from '../require-whole-seconds.js';
import type { AuthorityStore } from '../store/authority-store.js';
import type { StoredEnrollmentToken } from './enrollment-store.js';
import { digestEnrollmentToken, newEnrollmentToken } from './enrollment-token.js';

/** Options for `createEnrollmentToken`. */
export interface CreateEnrollmentTokenOptions {
  /** The account of the agent. Its `capabilities` are what the agent may ask for. */
  readonly account: AgentAccount;
  /** How long the token can be used, 1 second to 30 days. Default: 600. */
  readonly lifetimeSeconds?: number | undefined;
}

/** A new enrollment token. Printing it shows everything except the token. */
export interface CreatedEnrollmentToken {
  readonly enrollmentTokenId: string;
  readonly expiresAt: EpochMilliseconds;
  /** **Secret.** It registers one agent and exists nowhere else: the store has its digest. */
  readonly token: string;
}

/** The operations on enrollment tokens. The audit log records every change with its `origin`. */
export interface EnrollmentAdministration {
  /**
   * Creates a token that registers one agent, as the access token of `POST /v1/agent/register`: the agent makes its own key, so no
   * private key travels. **The token is secret.**
   *
   * @throws AgentIdentityError `invalid_argument`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * const { token } = await authority.createEnrollmentToken({
   *   account: { accountId: 'account-1', chatgptUserId: 'user-1', planType: 'business', isFedramp: false },
   *   lifetimeSeconds: 600,
   * });
   * ```
   */
  createEnrollmentToken(
    options: CreateEnrollmentTokenOptions,
    origin?: ChangeOrigin,
  ): Promise<CreatedEnrollmentToken>;

  /**
   * Revokes a token. The agent that it registered stays. Revoking it again has no effect.
   *
   * @throws AgentIdentityError `enrollment_token_not_found`, `store_unavailable`
   * @example
   * ```ts
   * import type { Authority } from 'agent-identity-authority-core';
   *
   * declare const authority: Authority;
   * await authority.revokeEnrollmentToken('enrollment-1', { actor: 'operator:alice' });
   * ```
   */
  revokeEnrollmentToken(enrollmentTokenId: string, origin?: ChangeOrigin): Promise<StoredEnrollmentToken>;
}

class HiddenToken implements CreatedEnrollmentToken {
  readonly enrollmentTokenId: string;
  readonly expiresAt: EpochMilliseconds;
  readonly #token: string;

  constructor(token: string, { enrollmentTokenId, expiresAt }: Omit<CreatedEnrollmentToken, 'token'>) {
    this.#token = token;
    this.enrollmentTokenId = enrollmentTokenId;
    this.expiresAt = expiresAt;
    Object.freeze(this);
  }

  /** On the prototype: `JSON.stringify` and object spread skip it. */
  get token(): string {
    return this.#token;
  }

  toString(): string {
    return `EnrollmentToken(${this.enrollmentTokenId})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

const maxLifetimeSeconds = 30 * 86_400;

export function createEnrollmentAdministration({
  store,
  clock,
}: {
  readonly store: AuthorityStore;
  readonly clock: Clock;
}): EnrollmentAdministration {
  return {
    async createEnrollmentToken(options, origin) {
      requireKnownOptions(options, ['account', 'lifetimeSeconds'], 'options');
      const { account, lifetimeSeconds = 600 } = options;
      requireAccount(account, 'account');
      requireWholeSeconds(lifetimeSeconds, 'lifetimeSeconds', { min: 1, max: maxLifetimeSeconds });
      const token = newEnrollmentToken();
      const enrollmentTokenId = newId('enrollment');
      const createdAt = clock();
      const expiresAt = createdAt + lifetimeSeconds * 1000;
      const row = {
        ...{ enrollmentTokenId, tokenDigest: digestEnrollmentToken(token), account, createdAt, expiresAt },
        ...{ usedAt: null, agentRuntimeId: null, revokedAt: null },
      };
      await store.addEnrollmentToken(row, origin);
      return new HiddenToken(token, { enrollmentTokenId, expiresAt });
    },
    async revokeEnrollmentToken(enrollmentTokenId, origin) {
      const token = await store.revokeEnrollmentToken(enrollmentTokenId, clock(), origin);
      if (token !== undefined) return token;
      throw enrollmentTokenNotFound();
    },
  };
}

export function enrollmentTokenNotFound(): Error {
  return authorityError('enrollment_token_not_found', 'There is no such enrollment token.');
}

/** An account that registers an agent, and the token that it has for one agent only. */
export interface Registrant {
  readonly account: AgentAccount;
  readonly enrollmentTokenId?: string;
}

/**
 * Finds the account of an enrollment token. A token that was used passes: its agent may repeat its registration.
 *
 * @throws AgentIdentityError `invalid_access_token` for a token that is unknown, expired or revoked, `store_unavailable`
 */
export async function findRegistrant(
  token: string,
  { store, clock }: { readonly store: AuthorityStore; readonly clock: Clock },
): Promise<Registrant> {
  const row = await store.findEnrollmentToken(digestEnrollmentToken(token));
  const isAlive = row !== undefined && row.revokedAt === null && clock() < row.expiresAt;
  if (!isAlive) {
    throw authorityError(
      'invalid_access_token',
      'The enrollment token is unknown, has expired or was revoked.',
    );
  }
  return { account: row.account, enrollmentTokenId: row.enrollmentTokenId };
}
