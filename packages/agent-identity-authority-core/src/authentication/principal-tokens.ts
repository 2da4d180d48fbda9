import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import type { Authenticator, Principal } from './authenticator.js';
import { tokenList } from './token-list.js';

/** A bearer token of an administrator or of a service. */
export interface PrincipalToken {
  /** **Secret.** At least 32 characters: make it of random bytes. */
  readonly token: string;
  /** Who has the token, for the audit log; not a secret. */
  readonly name: string;
}

/**
 * Accepts a fixed list of bearer tokens for administrators or services. The tokens are kept as digests, and each is
 * compared in constant time.
 *
 * @throws AgentIdentityError `invalid_argument` for a short token, a token given twice, or a blank name
 */
export function principalTokens(tokens: readonly PrincipalToken[]): Authenticator<Principal> {
  const listed = tokens.map(({ token, name }, i) => {
    if (typeof name !== 'string' || name.trim() === '') {
      throw authorityError(
        'invalid_argument',
        `tokens[${i}].name: expected a non-blank string, got ${describeType(name)}`,
      );
    }
    return { token, subject: Object.freeze({ name }) };
  });
  return tokenList(listed, { minLength: 32 });
}
