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
    {},
    { org: '', sub: 'u' },
    { org: ' ', sub: 'u' },
    { org: 'a' },
    { org: 'a', sub: 'u', email: 7 },
    { org: ['a'], sub: 'u' },
  ])('returns undefined for incomplete claims: %j', (claims) => {
    expect(accountFromClaims({ accountId: 'org' })(claims)).toBeUndefined();
  });

  it('ignores inherited members', () => {
    expect(accountFromClaims({ accountId: ['constructor', 'name'] })({ sub: 'u' })).toBeUndefined();
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
    expect(admins({ sub: 'mallory', ...claims })).toBeUndefined();
  });

  it('refuses claims without a name', () => {
    expect(admins({ roles: 'admin' })).toBeUndefined();
    expect(admins({ roles: 'admin', sub: 7 })).toBeUndefined();
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
