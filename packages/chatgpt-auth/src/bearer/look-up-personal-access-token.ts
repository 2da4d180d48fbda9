import {
  type ClientIdentification,
  carriesAgentKey,
  isHeaderSafe,
  requireBaseUrl,
  requireKnownOptions,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import * as z from 'zod/mini';
import type { IdTokenClaims } from '../account/id-token-claims.js';
import { chatgptAuthError } from '../errors.js';
import { type ChatgptAuthEffects, resolveChatgptAuthEffects } from '../open-chatgpt-auth-options.js';
import { isRetryableStatus, sendRequest } from './send-request.js';

/** Options for {@link lookUpPersonalAccessToken}. */
export interface LookUpPersonalAccessTokenOptions extends SecureUrlOptions, ClientIdentification {
  /** `CODEX_AUTHAPI_BASE_URL`. Default: production, `https://auth.openai.com/api/accounts`. */
  readonly whoamiBaseUrl?: string | undefined;
}

const optionNames = ['whoamiBaseUrl', 'allowPlainHttpHosts', 'userAgent', 'originator'];

const responseSchema = z.object({
  email: z.nullish(z.string()),
  chatgpt_user_id: z.string().check(z.minLength(1)),
  chatgpt_account_id: z.string().check(z.refine(isHeaderSafe)),
  chatgpt_plan_type: z.string(),
  chatgpt_account_is_fedramp: z.boolean(),
});

/**
 * Asks the AuthAPI for the account of a personal access token (docs/protocol.md section 9), with one request. Redirects
 * are not followed.
 *
 * @param token **Secret**, beginning with `at-`. No part of it is in an error.
 * @throws AgentIdentityError `whoami_rejected`, `whoami_failed`, `invalid_access_token`, `invalid_argument`,
 * `insecure_url`, `invalid_base_url`
 * @example
 * ```ts
 * import { lookUpPersonalAccessToken } from 'chatgpt-auth';
 *
 * async function findAccountId(token: string) {
 *   const { accountId } = await lookUpPersonalAccessToken(token);
 *   return accountId;
 * }
 * ```
 */
export async function lookUpPersonalAccessToken(
  token: string,
  options: LookUpPersonalAccessTokenOptions = {},
  effects: ChatgptAuthEffects = {},
): Promise<IdTokenClaims & { readonly accountId: string }> {
  requireKnownOptions(options, optionNames, 'options');
  const { whoamiBaseUrl = 'https://auth.openai.com/api/accounts' } = options;
  const { allowPlainHttpHosts, userAgent, originator } = options;
  const baseUrl = requireBaseUrl(whoamiBaseUrl, 'whoamiBaseUrl', { allowPlainHttpHosts });
  if (!isHeaderSafe(token) || carriesAgentKey(token)) {
    throw chatgptAuthError('invalid_access_token', 'token: expected a personal access token');
  }
  const { fetch } = resolveChatgptAuthEffects(effects);
  const response = await sendRequest(
    {
      method: 'GET',
      url: `${baseUrl}/v1/user-auth-credential/whoami`,
      headers: { authorization: `Bearer ${token}` },
      userAgent,
      originator,
    },
    fetch,
  );
  if (response === undefined)
    throw lookUpFailed('the connection failed, or no complete response came within 30 s', true);
  const { status, json, description } = response;
  if (status === 401) {
    const reason = 'the server refused it (status 401); create another one';
    throw chatgptAuthError('whoami_rejected', `personal access token: ${reason}`);
  }
  if (status < 200 || status > 299) {
    throw lookUpFailed(description, isRetryableStatus(status));
  }
  const { data } = responseSchema.safeParse(json);
  if (data === undefined) throw lookUpFailed('the response did not describe an account', false);
  return {
    accountId: data.chatgpt_account_id,
    chatgptUserId: data.chatgpt_user_id,
    email: data.email || undefined,
    planType: data.chatgpt_plan_type,
    isFedramp: data.chatgpt_account_is_fedramp,
  };
}

function lookUpFailed(reason: string, retryable: boolean): Error {
  return chatgptAuthError('whoami_failed', `personal access token: looking it up failed: ${reason}`, {
    retryable,
  });
}
