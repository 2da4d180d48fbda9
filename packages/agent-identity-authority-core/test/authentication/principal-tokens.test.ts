import { inspect } from 'node:util';
import { principalTokens } from 'agent-identity-authority-core';
import { expect, it } from 'vitest';

const token = 'a-token-of-thirty-two-characters';

it('principalTokens returns the holder of each token, and nobody for other tokens', () => {
  const principals = principalTokens([
    { name: 'alice', token },
    { name: 'bob', token: `${token}-of-bob` },
  ]);
  expect(principals.authenticate(token)).toEqual({ name: 'alice' });
  expect(principals.authenticate(`${token}-of-bob`)).toEqual({ name: 'bob' });
  expect(principals.authenticate(`${token}x`)).toBeUndefined();
  expect(principals.authenticate('')).toBeUndefined();
});

it('principalTokens may be used on a public address, and does not show its tokens', () => {
  const principals = principalTokens([{ name: 'alice', token }]);
  expect(principals.loopbackOnly).toBeUndefined();
  expect(inspect(principals, { depth: 9, showHidden: true })).not.toContain(token);
});

it.each([
  [[{ name: 'alice', token: token.slice(1) }]],
  [[{ name: ' ', token }]],
  [[{ name: 'alice', token: undefined as never }]],
  [
    [
      { name: 'alice', token },
      { name: 'bob', token },
    ],
  ],
])('principalTokens refuses short tokens, blank names and repeated tokens', (tokens) => {
  expect(() => principalTokens(tokens)).toThrow(
    expect.objectContaining({
      code: 'invalid_argument',
      message: expect.not.stringContaining(token.slice(1)),
    }),
  );
});
