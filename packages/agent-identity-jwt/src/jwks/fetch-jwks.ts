import { isAgentIdentityError } from 'agent-identity-core';
import {
  cancelBody,
  explainForbidden,
  parseJson,
  readBoundedText,
  systemErrorCode,
  withDeadline,
} from 'agent-identity-core/http';
import { readErrorBody } from 'agent-identity-core/wire';
import { jwtError } from '../errors.js';
import { type KeySet, readKeySet } from './key-set.js';

const maxBytes = 262_144;
const maxRedirects = 3;

/** One fetch of a key set. */
export interface JwksRequest {
  readonly url: URL;
  readonly fetch: typeof globalThis.fetch;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Limit of the whole fetch: connection, headers, body and redirects. */
  readonly timeoutSeconds: number;
}

/** A fetched key set, and the headers it came with. */
export interface JwksResponse {
  readonly keys: KeySet;
  readonly headers: Headers;
}

/**
 * Fetches a JWK set: status 200 and JSON of at most 256 KiB, within the time limit, following at most 3 redirects within
 * the origin (docs/protocol.md section 6). Sends nothing of a token.
 *
 * @throws AgentIdentityError `jwks_unavailable`, `invalid_jwks`; both `retryable`
 */
export async function fetchJwks(request: JwksRequest): Promise<JwksResponse> {
  const { timeoutSeconds, url } = request;
  try {
    return await withDeadline({ timeoutSeconds }, (signal) => followRedirects(request, signal));
  } catch (error) {
    if (isAgentIdentityError(error, 'jwks_unavailable', 'invalid_jwks')) throw error;
    if (isAgentIdentityError(error, 'timed_out')) {
      throw unavailable(url, `no complete response within ${timeoutSeconds} s`);
    }
    if (isAgentIdentityError(error, 'response_too_large'))
      throw invalid(url, `expected at most ${maxBytes} bytes`);
    // The error itself is not kept: it may quote the URL with its query.
    const code = systemErrorCode(error);
    throw unavailable(url, `the connection failed${code === undefined ? '' : ` (${code})`}`);
  }
}

async function followRedirects(request: JwksRequest, signal: AbortSignal): Promise<JwksResponse> {
  let { url } = request;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const response = await request.fetch(url.href, {
      headers: { accept: 'application/jwk-set+json, application/json', ...request.headers },
      redirect: 'manual',
      credentials: 'omit',
      signal,
    });
    if (response.redirected)
      throw unavailable(url, 'fetch followed a redirect, although the request said redirect: "manual"');
    if (response.status === 200) {
      return { keys: readBody(url, await readBoundedText(response, maxBytes)), headers: response.headers };
    }
    if (response.status === 403) throw unavailable(url, await explain403(response));
    cancelBody(response);
    url = redirectTarget(url, response);
  }
  throw unavailable(url, `more than ${maxRedirects} redirects`);
}

function readBody(url: URL, text: string): KeySet {
  const document = parseJson(text);
  if (document === undefined) throw invalid(url, 'expected JSON');
  try {
    return readKeySet(document);
  } catch (error) {
    throw isAgentIdentityError(error) ? invalid(url, error.message) : error;
  }
}

async function explain403(response: Response): Promise<string> {
  const text = await readBoundedText(response, maxBytes, { truncate: true }).catch(() => '');
  const reason = explainForbidden(response, readErrorBody(parseJson(text))?.code);
  return `expected status 200, got 403${reason === undefined ? '' : `: ${reason.message}`}`;
}

/** The target of a redirect within the origin. */
function redirectTarget(url: URL, { status, headers }: Response): URL {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) {
    throw unavailable(url, `expected status 200, got ${status}`);
  }
  const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  if (target?.origin !== url.origin || target.username !== '' || target.password !== '') {
    throw unavailable(url, 'redirects are followed only within the origin, and without credentials');
  }
  return target;
}

/** Names the URL without its query, which may hold a key of the caller. */
function unavailable({ origin, pathname }: URL, reason: string): Error {
  return jwtError('jwks_unavailable', `JWKS of ${origin}${pathname}: ${reason}`, { retryable: true });
}

function invalid({ origin, pathname }: URL, reason: string): Error {
  return jwtError('invalid_jwks', `JWKS of ${origin}${pathname}: ${reason}`, { retryable: true });
}
