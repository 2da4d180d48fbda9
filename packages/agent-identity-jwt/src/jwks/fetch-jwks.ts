import { isAgentIdentityError } from 'agent-identity-core';
import { readBoundedText } from 'agent-identity-core/http';
import { jwtError } from '../errors.js';
import { type KeySet, readKeySet } from './key-set.js';
import { waitUnlessAborted } from './wait-unless-aborted.js';

const maxBytes = 262_144;
const maxRedirects = 3;

/** One fetch of a key set. */
export interface JwksRequest {
  readonly url: URL;
  readonly fetch: typeof globalThis.fetch;
  /** Limit over everything: connection, headers, body, redirects. */
  readonly timeoutSeconds: number;
}

/** What came. */
export interface JwksResponse {
  readonly keys: KeySet;
  readonly headers: Headers;
}

/**
 * Fetches a JWK set: 200 and JSON of at most 256 KiB, within the time limit, over at most 3 redirects that stay within
 * the origin (docs/protocol.md section 6). Nothing of a token is sent.
 *
 * @throws AgentIdentityError `jwks_unavailable`, `invalid_jwks`; both `retryable`
 */
export async function fetchJwks(request: JwksRequest): Promise<JwksResponse> {
  const { timeoutSeconds, url } = request;
  const limit = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    return await waitUnlessAborted(followRedirects(request, limit), limit);
  } catch (error) {
    if (limit.aborted) throw unavailable(url, `no full answer within ${timeoutSeconds} s`);
    if (!isAgentIdentityError(error)) throw unavailable(url, `the connection failed${systemCode(error)}`);
    if (error.code !== 'response_too_large') throw error;
    throw invalid(url, `expected at most ${maxBytes} bytes`);
  }
}

async function followRedirects(request: JwksRequest, signal: AbortSignal): Promise<JwksResponse> {
  let { url } = request;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await request.fetch(url, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      redirect: 'manual',
      credentials: 'omit',
      signal,
    });
    if (response.redirected) throw unavailable(url, 'a redirect was followed unasked');
    if (response.status === 200) {
      return { keys: readBody(url, await readBoundedText(response, maxBytes)), headers: response.headers };
    }
    await response.body?.cancel();
    url = redirectTarget(url, response);
  }
  throw unavailable(url, `more than ${maxRedirects} redirects`);
}

function readBody(url: URL, text: string): KeySet {
  try {
    return readKeySet(JSON.parse(text));
  } catch (error) {
    throw invalid(url, isAgentIdentityError(error) ? error.message : 'expected JSON');
  }
}

/** Where a redirect leads, if it is one and stays within the origin. */
function redirectTarget(url: URL, { status, headers }: Response): URL {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) {
    throw unavailable(url, `expected status 200, got ${status}`);
  }
  const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
  if (target?.origin !== url.origin || target.username !== '' || target.password !== '') {
    throw unavailable(url, 'a redirect is followed within the origin only, and without credentials');
  }
  return target;
}

/** Such as ECONNREFUSED. The error itself is not kept: it may quote the URL with its query. */
function systemCode(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? ` (${code})` : '';
}

/** Names the URL without a query, which might hold a key of the caller's. */
function unavailable({ origin, pathname }: URL, reason: string): Error {
  return jwtError('jwks_unavailable', `JWKS of ${origin}${pathname}: ${reason}`, { retryable: true });
}

function invalid({ origin, pathname }: URL, reason: string): Error {
  return jwtError('invalid_jwks', `JWKS of ${origin}${pathname}: ${reason}`, { retryable: true });
}
