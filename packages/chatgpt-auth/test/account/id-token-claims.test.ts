import { decodeUnverifiedIdToken } from 'chatgpt-auth';
import { describe, expect, it } from 'vitest';
import { jwt } from '../support/login.js';

const auth = 'https://api.openai.com/auth';

describe('decodeUnverifiedIdToken', () => {
  it('reads user, account, email, plan and FedRAMP flag', () => {
    const token = jwt({
      email: 'a@example.test',
      [auth]: {
        chatgpt_user_id: 'user-1',
        user_id: 'user-2',
        chatgpt_account_id: 'acct-1',
        chatgpt_plan_type: 'Enterprise',
        chatgpt_account_is_fedramp: true,
      },
    });
    expect(decodeUnverifiedIdToken(token)).toEqual({
      chatgptUserId: 'user-1',
      accountId: 'acct-1',
      email: 'a@example.test',
      planType: 'Enterprise',
      isFedramp: true,
    });
  });

  it('falls back to user_id and the email of the profile', () => {
    const token = jwt({
      'https://api.openai.com/profile': { email: 'b@example.test' },
      [auth]: { user_id: 'user-2' },
    });
    expect(decodeUnverifiedIdToken(token)).toMatchObject({
      chatgptUserId: 'user-2',
      email: 'b@example.test',
      planType: 'unknown',
      isFedramp: false,
    });
  });

  it.each([
    ['missing', {}],
    ['null', { chatgpt_user_id: null, chatgpt_account_id: null, chatgpt_plan_type: null }],
    ['blank', { chatgpt_user_id: ' ', chatgpt_account_id: '', chatgpt_plan_type: '' }],
    ['of the wrong type', { chatgpt_user_id: 7, chatgpt_account_id: {}, chatgpt_account_is_fedramp: 'yes' }],
  ])('ignores claims that are %s', (_kind, claims) => {
    expect(decodeUnverifiedIdToken(jwt({ [auth]: claims }))).toEqual({
      chatgptUserId: undefined,
      accountId: undefined,
      email: undefined,
      planType: 'unknown',
      isFedramp: false,
    });
  });

  it('ignores an account id that does not fit into a header', () => {
    const claims = decodeUnverifiedIdToken(jwt({ [auth]: { chatgpt_account_id: 'acct\r\nX-Evil: 1' } }));
    expect(claims?.accountId).toBeUndefined();
  });

  it.each(['', 'a.b', 'a..c', 'a.b.c', 'a.e30.c.d', 'a.W10.c', 'a.e30=.c', 'a.bnVsbA.c', 'a.gIA.c'])(
    '%j is no JWT',
    (token) => {
      expect(decodeUnverifiedIdToken(token)).toBeUndefined();
    },
  );
});
