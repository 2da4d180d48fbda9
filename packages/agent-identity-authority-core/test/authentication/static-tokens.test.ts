import { inspect } from 'node:util';
import { type StaticToken, staticTokens } from 'agent-identity-authority-core';
import { expect, it } from 'vitest';
import { account, otherAccount } from '../support/start-authority.js';

const tokens = [
  { token: 'the-first-token-of-all', account },
  { token: 'the-other-token-of-all', account: otherAccount },
];

it('staticTokens returns the account of each token, and none for other tokens', () => {
  const { authenticate } = staticTokens(tokens);
  expect(authenticate('the-first-token-of-all')).toEqual(account);
  expect(authenticate('the-other-token-of-all')).toEqual(otherAccount);
  for (const wrong of ['', 'the-first-token-of-al', 'the-first-token-of-all ', 'THE-FIRST-TOKEN-OF-ALL']) {
    expect(authenticate(wrong)).toBeUndefined();
  }
});

it('staticTokens is for loopback only', () => {
  expect(staticTokens(tokens).loopbackOnly).toBe(true);
});

it('printing staticTokens shows no token', () => {
  expect(inspect(staticTokens(tokens), { depth: 9, showHidden: true })).not.toContain('-token-of-all');
});

it.each([
  ['a short token', [{ token: 'fifteen-letters', account }], 'tokens[0].token'],
  ['no token', [{ account }], 'tokens[0].token'],
  ['a token given twice', [...tokens, { token: 'the-first-token-of-all', account }], 'once'],
  [
    'an incomplete account',
    [{ token: 'the-first-token-of-all', account: {} }],
    'tokens[0].account.accountId',
  ],
])('staticTokens refuses %s without quoting it', (_what, wrong, message) => {
  const make = () => staticTokens(wrong as unknown as StaticToken[]);
  expect(make).toThrow(
    expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining(message) }),
  );
  expect(make).not.toThrow(/first-token|fifteen/);
});
