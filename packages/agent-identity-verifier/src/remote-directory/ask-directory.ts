import { isAgentIdentityError } from 'agent-identity-core';
import { readBoundedText } from 'agent-identity-core/http';
import { errorBodySchema } from 'agent-identity-core/wire';
import { type VerificationError, verificationError } from '../errors.js';
import { isAccessToken, type RemoteDirectorySettings } from './remote-directory-options.js';

const maxBytes = 16_384;

/** One question to an authority. */
export interface DirectoryQuestion {
  /** Below the base URL. */
  readonly path: string;
  /** Of the answer at hand, if there is one. */
  readonly etag: string | undefined;
  /** The `error.code` of a 404 that says for certain that there is none. */
  readonly notFoundCode: string;
}

/** What an authority answered: JSON, that there is none, or that the answer at hand still holds. */
export type DirectoryAnswer =
  | { readonly kind: 'found'; readonly json: unknown; readonly headers: Headers }
  | { readonly kind: 'not_found'; readonly headers: Headers }
  | { readonly kind: 'not_modified'; readonly headers: Headers };

/**
 * Asks the authority, once: no redirect is followed, no more than 16 KiB are read, and all of it has one time limit.
 *
 * @throws AgentIdentityError `directory_unavailable`; `retryable` for an outage: no connection, no full answer in time,
 * 429, 5xx. Whatever else is no answer (a 401, a redirect, a 404 without its code) will not pass by waiting.
 */
export async function askDirectory(
  question: DirectoryQuestion,
  settings: RemoteDirectorySettings,
): Promise<DirectoryAnswer> {
  const limit = AbortSignal.timeout(settings.timeoutSeconds * 1000);
  const timeout = new Promise<never>((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(limit.reason), { once: true });
  });
  try {
    return await Promise.race([exchange(question, settings, limit), timeout]);
  } catch (error) {
    if (limit.aborted) throw outage(`no full answer within ${settings.timeoutSeconds} s`);
    if (isAgentIdentityError(error) && error.code === 'directory_unavailable') throw error;
    if (isAgentIdentityError(error)) throw noAnswer(`expected at most ${maxBytes} bytes`);
    throw outage(`the connection failed${systemErrorCode(error)}`);
  }
}

async function exchange(
  { path, etag, notFoundCode }: DirectoryQuestion,
  settings: RemoteDirectorySettings,
  signal: AbortSignal,
): Promise<DirectoryAnswer> {
  const authorization = `Bearer ${await currentAccessToken(settings)}`;
  const response = await settings.fetch(settings.baseUrl + path, {
    headers: {
      accept: 'application/json',
      authorization,
      // Asks caches on the way for what is true now.
      'cache-control': 'no-cache',
      ...(etag !== undefined && { 'if-none-match': etag }),
    },
    redirect: 'manual',
    signal,
  });
  const { status, headers } = response;
  if (response.redirected) throw noAnswer('a redirect was followed unasked');
  if (status === 200) {
    return { kind: 'found', json: parseJson(await readBoundedText(response, maxBytes)), headers };
  }
  if (status === 404 && isNotFound(await readBoundedText(response, maxBytes), notFoundCode)) {
    return { kind: 'not_found', headers };
  }
  await response.body?.cancel().catch(() => {});
  if (status === 304 && etag !== undefined) return { kind: 'not_modified', headers };
  throw status === 429 || status >= 500 ? outage(`status ${status}`) : noAnswer(`status ${status}`);
}

async function currentAccessToken({ accessToken }: RemoteDirectorySettings): Promise<string> {
  let token: unknown;
  try {
    token = await accessToken();
  } catch {
    // What it threw may hold the token.
    throw outage('accessToken failed to give a token');
  }
  if (!isAccessToken(token)) throw noAnswer('accessToken gave no bearer token');
  return token;
}

function isNotFound(text: string, code: string): boolean {
  const { success, data } = errorBodySchema.safeParse(parseJson(text));
  return success && data.error.code === code;
}

/** `undefined` for what is not JSON: the parser's own error would quote the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Such as ` (ECONNREFUSED)`: all that is kept of an error that may hold the request. */
function systemErrorCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, 'code') : undefined;
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? ` (${code})` : '';
}

function outage(reason: string): VerificationError {
  return verificationError('directory_unavailable', `the remote directory gave no answer: ${reason}`, {
    retryable: true,
  });
}

/** What cannot be taken for an answer. */
export function noAnswer(reason: string): VerificationError {
  return verificationError('directory_unavailable', `the remote directory gave no usable answer: ${reason}`);
}
