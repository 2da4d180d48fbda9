import { type ClientIdentification, isHeaderSafe } from 'agent-identity-core/http';
import * as z from 'zod/mini';
import { decodeUnverifiedIdToken } from '../account/id-token-claims.js';
import { chatgptAuthError } from '../errors.js';
import { isRetryableStatus, type SmallResponse, sendRequest } from './send-request.js';

/** Where tokens are refreshed, and for which OAuth client. */
export interface TokenEndpoint extends ClientIdentification {
  readonly tokenUrl: string;
  readonly clientId: string;
}

/** The response to a refresh, in wire names. A missing token stays as it was. **Secret.** */
export interface RefreshedTokens {
  readonly id_token?: string | undefined;
  readonly access_token?: string | undefined;
  readonly refresh_token?: string | undefined;
}

const isIdToken = (token: string) => decodeUnverifiedIdToken(token) !== undefined;

/** At least one token, and no error. */
const responseSchema = z
  .object({
    id_token: z.optional(z.string().check(z.refine(isIdToken))),
    access_token: z.optional(z.string().check(z.refine(isHeaderSafe))),
    refresh_token: z.optional(z.string().check(z.minLength(1))),
    error: z.optional(z.null()),
  })
  .check(
    z.refine(
      ({ id_token, access_token, refresh_token }) =>
        id_token !== undefined || access_token !== undefined || refresh_token !== undefined,
    ),
  );

/** The error codes after which a refresh token will never work again (docs/protocol.md section 9). */
const permanentCodes: readonly string[] = [
  'refresh_token_expired',
  'refresh_token_reused',
  'refresh_token_invalidated',
  'invalid_grant',
];

/**
 * Spends a refresh token with one request, which is never repeated (docs/protocol.md section 9).
 * Redirects are not followed. An error holds nothing of the response except its status and a code of the protocol.
 *
 * @throws AgentIdentityError `token_refresh_rejected` if the refresh token will never work again,
 * `token_refresh_failed` otherwise
 */
export async function requestTokenRefresh(
  refreshToken: string,
  { tokenUrl, clientId, userAgent, originator }: TokenEndpoint,
  fetch: typeof globalThis.fetch,
): Promise<RefreshedTokens> {
  const response = await sendRequest(
    {
      method: 'POST',
      url: tokenUrl,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: clientId,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
      }),
      userAgent,
      originator,
    },
    fetch,
  );
  if (response === undefined)
    throw refreshFailed('the connection failed, or no complete response came within 30 s', true);
  const { status, json, description } = response;
  if (status < 200 || status > 299) {
    requireNotRejected(response);
    throw refreshFailed(description, isRetryableStatus(status));
  }
  const { data } = responseSchema.safeParse(json);
  if (data === undefined) throw refreshFailed('the response contained no tokens', false);
  const { error: _, ...tokens } = data;
  return tokens;
}

/** A 401 is permanent with any code, and a server error with none. */
function requireNotRejected({ status, errorCode }: SmallResponse): void {
  const code = permanentCodes.find((permanent) => permanent === errorCode?.toLowerCase());
  if (status >= 500 || (status !== 401 && code === undefined)) return;
  throw chatgptAuthError(
    'token_refresh_rejected',
    `token refresh: the refresh token will not work again (${code ?? `status ${status}`}); log in again`,
  );
}

function refreshFailed(reason: string, retryable: boolean): Error {
  return chatgptAuthError('token_refresh_failed', `token refresh: ${reason}`, { retryable });
}
