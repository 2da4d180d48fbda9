import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const account = {
  accountId: 'acct-interop-1',
  chatgptUserId: 'user-interop-1',
  email: 'agent@example.test',
  planType: 'business',
  isFedramp: false,
};

/** @param {object} payload */
function unsignedJwt(payload) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(payload)}.c2ln`;
}

const auth = {
  chatgpt_user_id: account.chatgptUserId,
  user_id: account.chatgptUserId,
  chatgpt_plan_type: account.planType,
  chatgpt_account_id: account.accountId,
};
const soon = Math.floor(Date.now() / 1000) + 10 * 24 * 60 * 60;
const claims = { exp: soon, 'https://api.openai.com/auth': auth };

/** The access token of the account that the authority knows. */
export const accessToken = unsignedJwt({ iss: 'https://auth.openai.com', ...claims });

/** An API key that no service knows. */
export const apiKey = 'sk-interop-throwaway';

/** A ChatGPT login with throwaway, unsigned tokens, in the form that the client writes. */
export const chatgptLogin = JSON.stringify(
  {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: {
      id_token: unsignedJwt({ email: account.email, ...claims }),
      access_token: accessToken,
      refresh_token: 'refresh-token-interop',
      account_id: account.accountId,
    },
    last_refresh: new Date().toISOString(),
  },
  null,
  2,
);

/**
 * Creates a folder of the client with these credentials, configured for servers on loopback, with the opt-in on
 * (docs/protocol.md section 11).
 *
 * @param {string} parent
 * @param {string} origin
 * @param {string} authJson
 */
export function makeHome(parent, origin, authJson) {
  const home = mkdtempSync(join(parent, 'home-'));
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'auth.json'), authJson, { mode: 0o600 });
  writeFileSync(
    join(home, 'config.toml'),
    [
      'model = "gpt-5"',
      'model_provider = "here"',
      `chatgpt_base_url = "${origin}/backend-api"`,
      '[features]',
      'use_agent_identity = true',
      '[model_providers.here]',
      'name = "here"',
      `base_url = "${origin}/v1"`,
      'wire_api = "responses"',
      'requires_openai_auth = true',
      '',
    ].join('\n'),
  );
  return { home, readAuthJson: () => readFileSync(join(home, 'auth.json'), 'utf8') };
}
