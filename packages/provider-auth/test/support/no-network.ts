import type { HttpEffects } from 'agent-identity-core/http';
import { type AuthStore, memoryAuthStore } from 'chatgpt-auth';
import { accountId } from './first-party.js';
import { stillEffects } from './start-run.js';

/** Effects whose `fetch` fails the test. */
export const noNetwork: HttpEffects = {
  ...stillEffects,
  fetch: async (input) => {
    throw new Error(`expected no request, got one to ${input}`);
  },
};

/** Effects whose `fetch` answers look-ups of personal access tokens, and fails the test for any other request. */
export const whoamiOnly: HttpEffects = {
  ...stillEffects,
  fetch: async (input) => {
    if (String(input) === whoamiUrl) return Response.json(whoamiAccount);
    throw new Error(`expected a request to ${whoamiUrl}, got one to ${input}`);
  },
};

const whoamiUrl = 'https://auth.openai.com/api/accounts/v1/user-auth-credential/whoami';

/** The account of a personal access token, as the AuthAPI describes it. */
export const whoamiAccount = {
  email: 'someone@example.test',
  chatgpt_user_id: 'user-1',
  chatgpt_account_id: accountId,
  chatgpt_plan_type: 'business',
  chatgpt_account_is_fedramp: false,
};

/** A store that must not be read. */
export const unreadStore: AuthStore = {
  ...memoryAuthStore(),
  read: async () => {
    throw new Error('expected no read of the store');
  },
};
