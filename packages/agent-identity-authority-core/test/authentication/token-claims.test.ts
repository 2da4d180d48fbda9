import {
  type AccountFromClaimsOptions,
  accountFromClaims,
  type PrincipalFromClaimsOptions,
  principalFromClaims,
} from 'agent-identity-authority-core';
import { describe, expect, it } from 'vitest';

describe('accountFromClaims', () => {
  it('reads the configured claims, nested ones included', () => {
    const auth = 'https://api.openai.com/auth';
    const accountOf = accountFromClaims({
      accountId: [auth, 'chatgpt_account_id'],
      chatgptUserId: [auth, 'chatgpt_user_id'],
      planType: [auth, 'chatgpt_plan_type'],
      isFedramp: [auth, 'chatgpt_account_is_fedramp'],
    });
    const claims = {
      sub: 'nobody',
      email: 'agent@example.com',
      [auth]: {
        chatgpt_account_id: 'account-1',
        chatgpt_user_id: 'user-1',
        chatgpt_plan_type: 'business',
        chatgpt_account_is_fedramp: true,
      },
    };
    expect(accountOf(claims)).toEqual({
      accountId: 'account-1',
      chatgptUserId: 'user-1',
      email: 'agent@example.com',
      planType: 'business',
      isFedramp: true,
    });
  });

  it.each([
    [{}, 'claim org: expected a non-blank string, got undefined'],
    [{ org: '', sub: 'u' }, 'claim org: expected a non-blank string'],
    [{ org: ' ', sub: 'u' }, 'claim org: expected a non-blank string'],
    [{ org: 7, sub: 'u' }, 'claim org: expected a non-blank string, got a number'],
    [{ org: 'a b', sub: 'u' }, 'claim org: expected visible ASCII characters without spaces'],
    [{ org: 'a' }, 'claim sub: expected a non-blank string, got undefined'],
    [{ org: 'a', sub: 'u', email: 7 }, 'claim email: expected a string or undefined, got a number'],
    [{ org: ['a'], sub: 'u' }, 'claim org: expected a non-blank string, got an array'],
  ])('names the claim that is missing or wrong: %j', (claims, message) => {
    expect(() => accountFromClaims({ accountId: 'org' })(claims)).toThrow(
      expect.objectContaining({ code: 'invalid_access_token', message: expect.stringContaining(message) }),
    );
  });

  it('names the path of a nested claim', () => {
    const accountOf = accountFromClaims({ accountId: ['auth', 'account'] });
    expect(() => accountOf({ sub: 'u', auth: { account: 7 } })).toThrow('claim auth > account: expected');
  });

  it('ignores inherited members', () => {
    const accountOf = accountFromClaims({ accountId: ['constructor', 'name'] });
    expect(() => accountOf({ sub: 'u' })).toThrow('claim constructor > name');
  });
});

describe('principalFromClaims', () => {
  const admins = principalFromClaims({ required: { claim: 'roles', value: 'admin' } });

  it.each([{ roles: 'admin' }, { roles: ['user', 'admin'] }, { roles: 'user admin' }])(
    'accepts claims with the required value: %j',
    (claims) => {
      expect(admins({ sub: 'alice', ...claims })).toEqual({ name: 'alice' });
    },
  );

  it.each([
    {},
    { roles: 'administrator' },
    { roles: [] },
    { roles: ['user admin'] },
    { roles: { admin: true } },
    { roles: 'ADMIN' },
  ])('refuses claims without the required value: %j', (claims) => {
    expect(() => admins({ sub: 'mallory', ...claims })).toThrow(
      expect.objectContaining({
        code: 'insufficient_scope',
        message: 'claim roles: expected "admin" among its values',
      }),
    );
  });

  it('refuses claims without a name', () => {
    for (const claims of [{ roles: 'admin' }, { roles: 'admin', sub: 7 }]) {
      expect(() => admins(claims)).toThrow(
        expect.objectContaining({
          code: 'invalid_access_token',
          message: expect.stringContaining('claim sub'),
        }),
      );
    }
  });
});

it.each([
  () => accountFromClaims({} as AccountFromClaimsOptions),
  () => accountFromClaims({ accountId: [] }),
  () => accountFromClaims({ accountId: 'org', planType: '' }),
  () => principalFromClaims({} as PrincipalFromClaimsOptions),
  () => principalFromClaims({ required: { claim: 'roles', value: '' } }),
])('refuses invalid claim paths', (make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
});
