import { isHeaderSafe, parseJson } from 'agent-identity-core/http';
import * as z from 'zod';
import { decodeUnverifiedIdToken } from '../account/id-token-claims.js';
import { chatgptAuthError } from '../errors.js';
import { isRetryableStatus, sendRequest } from './send-request.js';

/** Where tokens are refreshed, and for which OAuth client. */
export interface TokenEndpoint {
  readonly tokenUrl: string;
  readonly clientId: string;
}

/** The response to a refresh, in wire names. A missing token stays as it was. **Secret.** */
export interface RefreshedTokens {
  readonly id_token?: string | undefined;
  readonly access_token?: string | undefined;
  readonly refresh_token?: string | undefined;
}

const responseSchema: z.ZodType<RefreshedTokens> = z.object({
  id_token: z
    .string()
    .refine((token) => decodeUnverifiedIdToken(token) !== undefined)
    .optional(),
  access_token: z.string().refine(isHeaderSafe).optional(),
  refresh_token: z.string().min(1).optional(),
});

/**
 * Spends a refresh token with one request: it is not sent again, whatever happens (docs/protocol.md section 9).
 * Redirects are not followed. An error holds nothing of the response except its status and a code of the protocol.
 *
 * @throws AgentIdentityError `token_refresh_rejected` if the refresh token will never work again,
 * `token_refresh_failed` otherwise
 */
export async function requestTokenRefresh(
  refreshToken: string,
  { tokenUrl, clientId }: TokenEndpoint,
  fetch: typeof globalThis.fetch,
): Promise<RefreshedTokens> {
  const response = await sendRequest(
    tokenUrl,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: clientId,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      }),
    },
    fetch,
  );
  if (response === undefined) throw refreshFailed('there was no whole response within 30 s', true);
  const { status, text } = response;
  if (status >= 200 && status <= 299) {
    const { data } = responseSchema.safeParse(parseJson(text));
    if (data !== undefined) return data;
    throw refreshFailed('the response was not a token response', false);
  }
  const code = findPermanentCode(text);
  if (code !== undefined && status >= 400 && status <= 499) {
    throw chatgptAuthError(
      'token_refresh_rejected',
      `token refresh: the refresh token will not work again (${code}); log in again`,
    );
  }
  throw refreshFailed(`the response had status ${status}`, isRetryableStatus(status));
}

function refreshFailed(reason: string, retryable: boolean): Error {
  return chatgptAuthError('token_refresh_failed', `token refresh: ${reason}`, { retryable });
}

/** The error codes after which a refresh token will never work again (docs/protocol.md section 9). */
const permanentCode = z.enum([
  'refresh_token_expired',
  'refresh_token_reused',
  'refresh_token_invalidated',
  'invalid_grant',
]);

const errorSchema = z.union([
  z.object({ error: z.object({ code: permanentCode }) }).transform(({ error }) => error.code),
  z.object({ error: permanentCode }).transform(({ error }) => error),
  z.object({ code: permanentCode }).transform(({ code }) => code),
]);

function findPermanentCode(text: string): string | undefined {
  return errorSchema.safeParse(parseJson(text)).data;
}
