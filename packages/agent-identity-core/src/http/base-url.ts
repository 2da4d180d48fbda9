import { coreError } from '../errors.js';
import { requireSecureUrl, type SecureUrlOptions } from './require-secure-url.js';

/**
 * Requires a base URL that credentials may be sent to: see {@link requireSecureUrl}; without query and fragment.
 *
 * @param what Names the URL in error messages, such as `AuthAPI base URL`.
 * @returns the URL without trailing slashes
 * @throws AgentIdentityError `insecure_url`, `invalid_base_url`, `invalid_argument`
 * @example
 * ```ts
 * import { requireBaseUrl } from 'agent-identity-core/http';
 *
 * requireBaseUrl('https://agents.example.com/', 'AuthAPI base URL'); // 'https://agents.example.com'
 * ```
 */
export function requireBaseUrl(url: string | URL, what: string, options: SecureUrlOptions = {}): string {
  const { href, origin, pathname } = requireSecureUrl(url, what, options);
  if (/[?#]/.test(href)) {
    throw coreError('invalid_base_url', `${what}: expected a URL without query and fragment`);
  }
  return origin + withoutTrailingSlashes(pathname);
}

/**
 * Removes trailing slashes in linear time. A pattern such as `/\/+$/` takes quadratic time for slashes elsewhere.
 *
 * @example
 * ```ts
 * import { withoutTrailingSlashes } from 'agent-identity-core/http';
 *
 * withoutTrailingSlashes('/backend-api//'); // '/backend-api'
 * ```
 */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}
