import { createHash, timingSafeEqual } from 'node:crypto';
import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import type { Authenticator } from './authenticator.js';

/** A bearer token and whom it stands for. */
export interface ListedToken<Subject> {
  /** **Secret.** */
  readonly token: string;
  readonly subject: Subject;
}

/**
 * Accepts a fixed list of bearer tokens, which are kept as digests.
 *
 * @throws AgentIdentityError `invalid_argument` for a short token or one that is given twice
 */
export function tokenList<Subject>(
  tokens: readonly ListedToken<Subject>[],
  { minLength }: { readonly minLength: number },
): Authenticator<Subject> {
  const known = tokens.map(({ token, subject }, i) => {
    if (typeof token !== 'string' || token.length < minLength) {
      throw authorityError(
        'invalid_argument',
        `tokens[${i}].token: expected ${minLength} characters or more, got ${describeType(token)}`,
      );
    }
    return { digest: sha256(token), subject };
  });
  if (new Set(known.map(({ digest }) => digest.toString('hex'))).size < known.length) {
    throw authorityError('invalid_argument', 'tokens: expected each token once');
  }
  return {
    authenticate(accessToken) {
      const digest = sha256(accessToken);
      // All are compared, so that the time taken does not tell which one fits.
      return known.filter((entry) => timingSafeEqual(entry.digest, digest))[0]?.subject;
    },
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
