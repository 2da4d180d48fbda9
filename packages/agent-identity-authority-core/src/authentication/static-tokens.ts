import type { AgentAccount } from './agent-account.js';
import type { Authenticator } from './authenticator.js';
import { requireAccount } from './require-account.js';
import { tokenList } from './token-list.js';

/** A bearer token and the account that it stands for. */
export interface StaticToken {
  /** **Secret.** At least 16 characters. */
  readonly token: string;
  readonly account: AgentAccount;
}

/**
 * Accepts a fixed list of bearer tokens for the accounts of agents: for development and tests, hence `loopbackOnly`. The
 * tokens are kept as digests, and each is compared in constant time.
 *
 * @throws AgentIdentityError `invalid_argument` for a short token, a token given twice, or an incomplete account
 */
export function staticTokens(tokens: readonly StaticToken[]): Authenticator {
  const listed = tokens.map(({ token, account }, i) => {
    requireAccount(account, `tokens[${i}].account`);
    return { token, subject: Object.freeze({ ...account }) };
  });
  return { ...tokenList(listed, { minLength: 16 }), loopbackOnly: true };
}
