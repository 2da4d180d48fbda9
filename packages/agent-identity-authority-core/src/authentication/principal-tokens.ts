import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import type { Authenticator, Principal } from './authenticator.js';
import { createTokenList, requireTokens } from './token-list.js';

/** A bearer token of an administrator or a service. */
export interface PrincipalToken {
  /** **Secret.** At least 32 characters from a random source. */
  readonly token: string;
  /** Identifies the token's holder in the audit log; not a secret. */
  readonly name: string;
}

/**
 * Accepts a fixed list of bearer tokens for administrators or services. It keeps the tokens as digests and compares each in
 * constant time.
 *
 * @throws AgentIdentityError `invalid_argument` for a short or repeated token, or a blank name
 * @example
 * ```ts
 * import { principalTokens } from 'agent-identity-authority-core';
 *
 * const administrators = principalTokens([{ name: 'alice', token: 'a-random-token-of-32-characters-or-more' }]);
 * ```
 */
export function principalTokens(tokens: readonly PrincipalToken[]): Authenticator<Principal> {
  requireTokens(tokens);
  const entries = tokens.map((entry, i) => {
    requireKnownOptions(entry, ['token', 'name'], `tokens[${i}]`);
    const { token, name } = entry;
    if (typeof name !== 'string' || name.trim() === '') {
      throw invalidArgument(`tokens[${i}].name`, 'a non-blank string', name);
    }
    return { token, subject: Object.freeze({ name }) };
  });
  return createTokenList(entries, { minLength: 32 });
}
