import { readBoundedText } from 'agent-identity-core/http';
import * as z from 'zod';
import { decodeUnverifiedIdToken } from '../account/id-token-claims.js';
import { headerSafe } from '../auth-json/auth-json-schema.js';
import { chatgptAuthError } from '../errors.js';
import { withTimeLimit } from '../runtime/runtime-effects.js';
import { rejectionCodeOf } from './rejection-code.js';

/** Where and for whom tokens are refreshed. */
export interface TokenEndpoint {
  readonly tokenUrl: string;
  readonly clientId: string;
}

/** The answer to a refresh, in wire names; what is missing stays as it was. **Secret.** */
export interface RefreshedTokens {
  readonly id_token?: string | undefined;
  readonly access_token?: string | undefined;
  readonly refresh_token?: string | undefined;
}

const answerSchema: z.ZodType<RefreshedTokens> = z.object({
  id_token: z
    .string()
    .refine((token) => decodeUnverifiedIdToken(token) !== undefined)
    .optional(),
  access_token: headerSafe.optional(),
  refresh_token: z.string().min(1).optional(),
});

const timeLimitSeconds = 30;
const maxAnswerBytes = 256 * 1024;

/**
 * Spends a refresh token, once: it is not sent again, whatever happens (docs/protocol.md section 9). Redirects are not
 * followed, and nothing of the answer is in an error but its status and a code that the protocol names.
 *
 * @throws AgentIdentityError `token_refresh_rejected` when the refresh token will never work again,
 * `token_refresh_failed` otherwise
 */
export async function requestTokenRefresh(
  refreshToken: string,
  { tokenUrl, clientId }: TokenEndpoint,
  fetch: typeof globalThis.fetch,
): Promise<RefreshedTokens> {
  const body = { client_id: clientId, grant_type: 'refresh_token', refresh_token: refreshToken };
  const { status, text } = await send(tokenUrl, JSON.stringify(body), fetch);
  if (status >= 200 && status <= 299) return readAnswer(text);
  const code = rejectionCodeOf(text);
  if (code !== undefined && status >= 400 && status <= 499) {
    throw chatgptAuthError(
      'token_refresh_rejected',
      `token refresh: the refresh token is of no use any more (${code}); log in again`,
    );
  }
  throw failed(`the answer had status ${status}`, status === 429 || status >= 500);
}

async function send(
  url: string,
  body: string,
  fetch: typeof globalThis.fetch,
): Promise<{ status: number; text: string }> {
  try {
    return await withTimeLimit(timeLimitSeconds, async (signal) => {
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      return { status: response.status, text: await readBoundedText(response, maxAnswerBytes) };
    });
  } catch {
    // What an injected fetch throws may hold the request, and with it the refresh token.
    throw failed('the connection failed, or there was no whole answer in time', true);
  }
}

function readAnswer(text: string): RefreshedTokens {
  try {
    const result = answerSchema.safeParse(JSON.parse(text));
    if (result.success) return result.data;
  } catch {
    // not JSON
  }
  throw failed('the answer was not a token response', false);
}

function failed(reason: string, retryable: boolean): Error {
  return chatgptAuthError('token_refresh_failed', `token refresh: ${reason}`, { retryable });
}
