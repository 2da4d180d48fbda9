import { describeType, isAgentIdentityError } from 'agent-identity-core';
import {
  cancelBody,
  explainForbidden,
  parseJson,
  readBoundedText,
  systemErrorCode,
  withDeadline,
} from 'agent-identity-core/http';
import { errorBodySchema, readErrorBody } from 'agent-identity-core/wire';
import { type VerificationError, verificationError } from '../errors.js';
import { isAccessToken, type RemoteDirectorySettings } from './remote-directory-options.js';

const maxBytes = 16_384;

/** A request to an authority. */
export interface DirectoryRequest {
  /** The path below the base URL. */
  readonly path: string;
  /** The ETag of the cached entry, if there is one. */
  readonly etag: string | undefined;
  /** The `error.code` of the 404 that means "not found". */
  readonly notFoundCode: string;
}

/** The response of an authority: JSON, not found, or the cached entry is still valid. */
export type DirectoryResponse =
  | { readonly kind: 'found'; readonly json: unknown; readonly headers: Headers }
  | { readonly kind: 'not_found'; readonly headers: Headers }
  | { readonly kind: 'not_modified'; readonly headers: Headers };

/**
 * Sends one request to the authority. Follows no redirect, reads at most 16 KiB, and has one time limit for everything.
 *
 * @throws AgentIdentityError `directory_unavailable` for an outage, which is retryable: no connection, no complete response
 * in time, 429, 5xx; `directory_unauthorized` for 401 and 403; `invalid_directory_response` for every other response
 */
export async function fetchFromDirectory(
  request: DirectoryRequest,
  settings: RemoteDirectorySettings,
): Promise<DirectoryResponse> {
  const { timeoutSeconds } = settings;
  try {
    return await withDeadline({ timeoutSeconds }, (signal) => sendRequest(request, settings, signal));
  } catch (error) {
    throw toDirectoryFailure(error, timeoutSeconds);
  }
}

async function sendRequest(
  { path, etag, notFoundCode }: DirectoryRequest,
  settings: RemoteDirectorySettings,
  signal: AbortSignal,
): Promise<DirectoryResponse> {
  const authorization = `Bearer ${await getAccessToken(settings)}`;
  const response = await settings.fetch(settings.baseUrl + path, {
    headers: {
      ...settings.identification,
      accept: 'application/json',
      authorization,
      // Tells caches between here and the authority to revalidate.
      'cache-control': 'no-cache',
      ...(etag !== undefined && { 'if-none-match': etag }),
    },
    redirect: 'manual',
    signal,
  });
  const { status, headers } = response;
  if (response.redirected) {
    cancelBody(response);
    throw unusableResponse('fetch followed a redirect');
  }
  if (status === 200) {
    return { kind: 'found', json: parseJson(await readBoundedText(response, maxBytes)), headers };
  }
  if (status === 404 && isNotFound(await readBoundedText(response, maxBytes), notFoundCode)) {
    return { kind: 'not_found', headers };
  }
  if (status === 403) throw await toForbiddenError(response);
  cancelBody(response);
  if (status === 304 && etag !== undefined) return { kind: 'not_modified', headers };
  throw toStatusError(status);
}

async function getAccessToken({ accessToken }: RemoteDirectorySettings): Promise<string> {
  let token: unknown;
  try {
    token = await accessToken();
  } catch {
    // The error may contain the token.
    throw outage('accessToken() failed');
  }
  if (isAccessToken(token)) return token;
  throw unauthorized(`accessToken() returned ${describeType(token)} that is not a bearer token`);
}

function isNotFound(text: string, code: string): boolean {
  const { success, data } = errorBodySchema.safeParse(parseJson(text));
  return success && data.error.code === code;
}

/** A 403 may come from the front door of the authority, which has not seen the access token. */
async function toForbiddenError(response: Response): Promise<VerificationError> {
  const text = await readBoundedText(response, maxBytes, { truncate: true });
  const reason = explainForbidden(response, readErrorBody(parseJson(text))?.code);
  return reason === undefined ? refusedToken(403) : unusableResponse(reason.message);
}

function toStatusError(status: number): VerificationError {
  if (status === 401) return refusedToken(401);
  if (status === 429 || status >= 500) return outage(`status ${status}`);
  return unusableResponse(`status ${status}; check the base URL`);
}

function toDirectoryFailure(error: unknown, timeoutSeconds: number): unknown {
  if (isAgentIdentityError(error, 'timed_out')) {
    return outage(`no complete response within ${timeoutSeconds} s`);
  }
  if (isAgentIdentityError(error, 'response_too_large')) {
    return unusableResponse(`expected at most ${maxBytes} bytes`);
  }
  if (isAgentIdentityError(error)) return error;
  const code = systemErrorCode(error);
  return outage(code === undefined ? 'the connection failed' : `the connection failed (${code})`);
}

function outage(reason: string): VerificationError {
  return verificationError('directory_unavailable', `remote directory: ${reason}`, { retryable: true });
}

function unauthorized(reason: string): VerificationError {
  return verificationError('directory_unauthorized', `remote directory: ${reason}`);
}

function refusedToken(status: number): VerificationError {
  return unauthorized(`the authority refused the access token with status ${status}`);
}

/** Creates the error for a response that cannot be used. */
export function unusableResponse(reason: string): VerificationError {
  return verificationError('invalid_directory_response', `remote directory: unusable response: ${reason}`);
}
