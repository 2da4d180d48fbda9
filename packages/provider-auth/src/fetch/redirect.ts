import { providerAuthError } from '../errors.js';

/** The limit of the fetch standard (section 4.4, HTTP-redirect fetch). */
export const maxRedirects = 20;

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Headers that describe a body. They are dropped with it. */
const bodyHeaders = [
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
  'content-length',
];

/**
 * Returns the target of a redirect; `undefined` if the response is no redirect, or has no `Location`.
 *
 * @throws AgentIdentityError `redirect_failed` for a target that is not an http URL
 */
export function redirectTarget(response: Response, from: URL): URL | undefined {
  if (response.type === 'opaqueredirect') {
    throw redirectFailed(
      'this runtime does not show redirects to the program; pass redirect: "manual" or "error"',
    );
  }
  const location = redirectStatuses.has(response.status) ? response.headers.get('location') : null;
  if (location === null) return undefined;
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw redirectFailed('expected an http or https URL');
  if (url.username !== '' || url.password !== '') {
    throw redirectFailed('expected a URL without user name and password');
  }
  return url;
}

/**
 * Whether the redirected request is a GET without a body (fetch standard, section 4.4, HTTP-redirect fetch): after 301
 * and 302 for a POST, after 303 for everything except GET and HEAD.
 */
export function becomesGet(status: number, method: string): boolean {
  const upper = method.toUpperCase();
  if (status === 303) return upper !== 'GET' && upper !== 'HEAD';
  return (status === 301 || status === 302) && upper === 'POST';
}

export function withoutBodyHeaders(headers: Headers): Headers {
  const result = new Headers(headers);
  for (const name of bodyHeaders) result.delete(name);
  return result;
}

export function redirectFailed(reason: string): Error {
  return providerAuthError('redirect_failed', `redirect: ${reason}`);
}
