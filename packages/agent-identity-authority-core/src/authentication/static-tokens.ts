import { requireKnownOptions } from 'agent-identity-core/http';
import type { AgentAccount } from './agent-account.js';
import type { Authenticator } from './authenticator.js';
import { requireAccount } from './require-account.js';
import { createTokenList, requireTokens } from './token-list.js';

/** A bearer token and its account. */
export interface StaticToken {
  /** **Secret.** At least 16 characters. */
  readonly token: string;
  readonly account: AgentAccount;
}

/**
 * Accepts a fixed list of bearer tokens for the accounts of agents. For development and tests, hence `loopbackOnly`. It
 * keeps the tokens as digests and compares each in constant time.
 *
 * @throws AgentIdentityError `invalid_argument` for a short or repeated token, or an incomplete account
 * @example
 * ```ts
 * import { staticTokens } from 'agent-identity-authority-core';
 *
 * const account = { accountId: 'account-1', chatgptUserId: 'user-1', planType: 'business', isFedramp: false };
 * const authenticator = staticTokens([{ token: 'a-development-token', account }]);
 * ```
 */
export function staticTokens(tokens: readonly StaticToken[]): Authenticator {
  requireTokens(tokens);
  const entries = tokens.map((entry, i) => {
    requireKnownOptions(entry, ['token', 'account'], `tokens[${i}]`);
    const { token, account } = entry;
    requireAccount(account, `tokens[${i}].account`);
    return { token, subject: Object.freeze({ ...account }) };
  });
  return { ...createTokenList(entries, { minLength: 16 }), loopbackOnly: true };
}
