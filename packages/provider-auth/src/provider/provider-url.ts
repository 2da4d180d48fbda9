import { describeType } from 'agent-identity-core';
import { requireSecureUrl, type SecureUrlOptions } from 'agent-identity-core/http';
import { providerAuthError } from '../errors.js';

/** More layers of percent-encoding than anybody writes: what is beneath is not looked for, and not trusted. */
const maxEncodingLayers = 4;

/**
 * Reads the base URL of a provider that credentials are sent to.
 *
 * @throws AgentIdentityError `insecure_url`, `invalid_base_url`
 */
export function requireProviderUrl(baseUrl: string | URL, options: SecureUrlOptions): URL {
  return withoutQuery(requireSecureUrl(baseUrl, 'baseUrl', options));
}

/**
 * Reads the base URL of a provider that gets no credentials: plain `http:` to any host will do then.
 *
 * @throws AgentIdentityError `insecure_url`, `invalid_base_url`
 */
export function requireUnauthenticatedProviderUrl(baseUrl: string | URL): URL {
  const host = URL.canParse(String(baseUrl)) ? new URL(baseUrl).hostname : '';
  return withoutQuery(requireSecureUrl(baseUrl, 'baseUrl', { allowPlainHttpHosts: [host] }));
}

function withoutQuery(url: URL): URL {
  if (/[?#]/.test(url.href)) {
    throw providerAuthError(
      'invalid_base_url',
      `baseUrl: expected no query and no fragment, got ${describeType(url.href)}`,
    );
  }
  return url;
}

/**
 * Whether a URL is the provider's: of its origin, and at its path or below, by whole segments. `ws:` and `wss:` count
 * as `http:` and `https:`. Dot segments were resolved when the URL was parsed; ones that a server may still find by
 * decoding once more (`%2f..`, `%252e%252e`, `..;`) are not the provider's.
 */
export function isProviderUrl(baseUrl: URL, url: URL): boolean {
  if (originOf(url) !== baseUrl.origin) return false;
  const prefix = withoutTrailingSlashes(baseUrl.pathname);
  const rest = url.pathname.slice(prefix.length);
  if (!url.pathname.startsWith(prefix) || (rest !== '' && !rest.startsWith('/'))) return false;
  return prefix === '' || !mayClimb(rest);
}

function originOf(url: URL): string {
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') return url.origin;
  return `${url.protocol === 'ws:' ? 'http:' : 'https:'}//${url.host}`;
}

/** Whether a server that decodes more than it should would see a segment `..`. */
function mayClimb(path: string): boolean {
  let seen = path;
  for (let layer = 0; layer < maxEncodingLayers; layer += 1) {
    if (seen.split(/[/\\]/).some((segment) => segment.split(';')[0] === '..')) return true;
    const decoded = seen.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (decoded === seen) return false;
    seen = decoded;
  }
  return true;
}

/** By hand, in linear time: a pattern would take quadratic time for slashes that are not at the end. */
function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}
