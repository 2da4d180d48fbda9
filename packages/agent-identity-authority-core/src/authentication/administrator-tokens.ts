import { requireKnownOptions } from 'agent-identity-core/http';
import { type Administrator, requireAdministrator } from './administrator.js';
import type { Authenticator } from './authenticator.js';
import { createTokenList, requireTokens } from './token-list.js';

/** A bearer token of an administrator: the token itself, or its digest. */
export interface AdministratorToken extends Administrator {
  /** **Secret.** At least 32 characters from a random source. */
  readonly token?: string | undefined;
  /** The SHA-256 of the token in hex, in place of the token. The token must be long and random, or the digest reveals it. */
  readonly sha256?: string | undefined;
}

/**
 * Accepts a fixed list of bearer tokens for administrators. It keeps the tokens as digests and compares each in constant time.
 *
 * @throws AgentIdentityError `invalid_argument` for a short or repeated token, a blank name, an unknown role or invalid accounts
 * @example
 * ```ts
 * import { administratorTokens } from 'agent-identity-authority-core';
 *
 * const administrators = administratorTokens([
 *   { name: 'alice', role: 'administrator', token: 'a-random-token-of-32-characters-or-more' },
 *   { name: 'support', role: 'viewer', accountIds: ['account-1'], token: 'another-random-token-of-32-characters' },
 * ]);
 * ```
 */
export function administratorTokens(tokens: readonly AdministratorToken[]): Authenticator<Administrator> {
  requireTokens(tokens);
  const entries = tokens.map((entry, i) => {
    const name = `tokens[${i}]`;
    requireKnownOptions(entry, ['token', 'sha256', 'name', 'role', 'accountIds'], name);
    const { token, sha256, ...administrator } = entry;
    return { token, sha256, subject: freeze(requireAdministrator(administrator, name)) };
  });
  return createTokenList(entries, { minLength: 32 });
}

function freeze({ accountIds, ...administrator }: Administrator): Administrator {
  return Object.freeze({
    ...administrator,
    ...(accountIds && { accountIds: Object.freeze([...accountIds]) }),
  });
}
