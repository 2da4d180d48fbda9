import { cancelBody, parseJson, readBoundedText, withDeadline } from 'agent-identity-core/http';
import { errorBodySchema } from 'agent-identity-core/wire';
import { directoryFollowHeader } from '../directory-wire/index.js';
import { maxResponseBytes, refuseResponse, toDirectoryFailure } from './directory-errors.js';
import type { RemoteDirectorySettings } from './remote-directory-options.js';
import { sendToDirectory } from './send-to-directory.js';

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
  const response = await sendToDirectory(
    {
      path,
      headers: {
        accept: 'application/json',
        ...(etag !== undefined && { 'if-none-match': etag }),
        ...(settings.follow && { [directoryFollowHeader]: '1' }),
      },
    },
    settings,
    signal,
  );
  const { status, headers } = response;
  if (status === 200) {
    return { kind: 'found', json: parseJson(await readBoundedText(response, maxResponseBytes)), headers };
  }
  if (status === 404 && isNotFound(await readBoundedText(response, maxResponseBytes), notFoundCode)) {
    return { kind: 'not_found', headers };
  }
  if (status === 304 && etag !== undefined) {
    cancelBody(response);
    return { kind: 'not_modified', headers };
  }
  throw await refuseResponse(response);
}

function isNotFound(text: string, code: string): boolean {
  const { success, data } = errorBodySchema.safeParse(parseJson(text));
  return success && data.error.code === code;
}
