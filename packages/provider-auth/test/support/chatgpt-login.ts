import { accountId, now } from './first-party.js';

/** The access token of the login: a JWT that does not expire soon. */
export const accessToken: string = unsignedJwt({ exp: now / 1000 + 864_000 });

/** The text of an `auth.json` after a ChatGPT login, with other members if wanted. */
export function chatgptLogin(more: object = {}, account: string = accountId): string {
  return JSON.stringify({
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: {
      id_token: unsignedJwt({
        email: 'someone@example.test',
        'https://api.openai.com/auth': {
          chatgpt_user_id: 'user-1',
          chatgpt_account_id: account,
          chatgpt_plan_type: 'pro',
          chatgpt_account_is_fedramp: false,
        },
      }),
      access_token: accessToken,
      refresh_token: 'refresh-token',
      account_id: account,
    },
    last_refresh: new Date(now).toISOString(),
    ...more,
  });
}

function unsignedJwt(payload: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(payload)}.c2ln`;
}
