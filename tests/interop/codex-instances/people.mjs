import { createHash } from 'node:crypto';

const account = {
  accountId: 'acct-interop-2',
  chatgptUserId: 'user-interop-2',
  email: 'agent@example.test',
  planType: 'business',
  isFedramp: false,
};

/** The actor of the ChatGPT login and of the personal access token. */
export const chatgptActor = /** @type {const} */ ({
  kind: 'chatgpt',
  userId: account.chatgptUserId,
  accountId: account.accountId,
});

/** The actor of the API key. */
export const platformActor = /** @type {const} */ ({
  kind: 'platform',
  userId: 'user-interop-3',
  organizationId: 'org-interop',
  projectId: null,
});

export const apiKey = 'sk-interop-throwaway-key-of-an-organization';
export const personalAccessToken = 'at-interop-throwaway-token-of-a-person';

/** @param {object} payload */
function unsignedJwt(payload) {
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(payload)}.c2ln`;
}

/** Throwaway, unsigned tokens of a ChatGPT login. @param {number} generation */
function tokensOf(generation) {
  const auth = {
    chatgpt_user_id: account.chatgptUserId,
    user_id: account.chatgptUserId,
    chatgpt_plan_type: account.planType,
    chatgpt_account_id: account.accountId,
  };
  const exp = Math.floor(Date.now() / 1000) + 10 * 24 * 60 * 60 + generation;
  const claims = { exp, 'https://api.openai.com/auth': auth };
  return {
    id_token: unsignedJwt({ email: account.email, ...claims }),
    access_token: unsignedJwt({ iss: 'https://auth.openai.com', ...claims }),
    refresh_token: `refresh-token-interop-${generation}`,
  };
}

/** The tokens that the login holds, and those of its first refresh. */
export const [loginTokens, refreshedTokens] = [tokensOf(0), tokensOf(1)];

/** The access tokens that register agents, with their account. */
export const accountTokens = [loginTokens, refreshedTokens].map(({ access_token: token }) => ({
  token,
  account,
}));

/** The digest of a credential, as the authority keeps it. @param {string} credential */
export function digestOf(credential) {
  return createHash('sha256').update(credential).digest('hex');
}

/** The answer to a look-up of the personal access token. */
export const whoami = {
  email: account.email,
  chatgpt_user_id: account.chatgptUserId,
  chatgpt_account_id: account.accountId,
  chatgpt_plan_type: account.planType,
  chatgpt_account_is_fedramp: account.isFedramp,
};

/** The content of auth.json for each kind of credential. */
export const logins = {
  chatgpt: {
    auth_mode: 'chatgpt',
    OPENAI_API_KEY: null,
    tokens: { ...loginTokens, account_id: account.accountId },
    last_refresh: new Date().toISOString(),
  },
  apiKey: { auth_mode: 'apikey', OPENAI_API_KEY: apiKey },
  personalAccessToken: { auth_mode: 'personalAccessToken', personal_access_token: personalAccessToken },
};

/** The answer to `wham/accounts/check`, without which a ChatGPT login sends no inference request. */
export const accountsCheck = {
  accounts: [
    {
      id: account.accountId,
      account_user_id: account.chatgptUserId,
      workspace_backend_origin: 'https://chatgpt.com',
      account_routing_override: 'NO_CONSTRAINT',
    },
  ],
};
