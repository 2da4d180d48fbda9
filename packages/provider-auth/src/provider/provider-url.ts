import { withoutTrailingSlashes } from 'agent-identity-core/http';

/** A path with more layers of percent-encoding is not trusted. */
const maxEncodingLayers = 4;

/**
 * Whether a URL is the provider's: at its origin, and at its path or below, by whole segments. `ws:` and `wss:` count as
 * `http:` and `https:`. The URL parser has resolved plain dot segments; a path with hidden ones, which a server may find
 * by decoding once more (`%2f..`, `%252e%252e`, `..;`), is not the provider's.
 */
export function isProviderUrl(baseUrl: URL, url: URL): boolean {
  if (originOf(url) !== baseUrl.origin) return false;
  const prefix = withoutTrailingSlashes(baseUrl.pathname);
  const rest = url.pathname.slice(prefix.length);
  if (!url.pathname.startsWith(prefix) || (rest !== '' && !rest.startsWith('/'))) return false;
  return prefix === '' || !hasHiddenDotDot(rest);
}

function originOf(url: URL): string {
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') return url.origin;
  return `${url.protocol === 'ws:' ? 'http:' : 'https:'}//${url.host}`;
}

function hasHiddenDotDot(path: string): boolean {
  let decoded = path;
  for (let layer = 0; layer < maxEncodingLayers; layer += 1) {
    if (decoded.split(/[/\\]/).some((segment) => segment.split(';')[0] === '..')) return true;
    const next = decoded.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (next === decoded) return false;
    decoded = next;
  }
  return true;
}
