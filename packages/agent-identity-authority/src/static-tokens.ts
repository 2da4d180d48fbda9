import { createHash, timingSafeEqual } from 'node:crypto';
import { kindOf } from 'agent-identity-core';
import type { AgentAccount } from './agent-account.js';
import type { Authenticator } from './authenticator.js';
import { authorityError } from './errors.js';
import { requireAccount } from './require-account.js';

/** A bearer token and the account that it stands for. */
export interface StaticToken {
  /** **Secret.** At least 16 characters. */
  readonly token: string;
  readonly account: AgentAccount;
}

/**
 * Accepts a fixed list of bearer tokens: for development and tests, hence `loopbackOnly`. The tokens are kept as
 * digests, and each is compared in constant time.
 *
 * @throws AgentIdentityError `invalid_argument` for a short token, a token given twice, or an incomplete account
 */
export function staticTokens(tokens: readonly StaticToken[]): Authenticator {
  const known = tokens.map(({ token, account }, i) => {
    if (typeof token !== 'string' || token.length < 16) {
      throw authorityError(
        'invalid_argument',
        `tokens[${i}].token: expected 16 characters or more, got ${kindOf(token)}`,
      );
    }
    requireAccount(account, `tokens[${i}].account`);
    return { digest: sha256(token), account: Object.freeze({ ...account }) };
  });
  if (new Set(known.map(({ digest }) => digest.toString('hex'))).size < known.length) {
    throw authorityError('invalid_argument', 'tokens: expected each token once');
  }
  return {
    loopbackOnly: true,
    authenticate(accessToken) {
      const digest = sha256(accessToken);
      // All are compared, so that the time taken does not tell which one fits.
      return known.filter((entry) => timingSafeEqual(entry.digest, digest))[0]?.account;
    },
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
