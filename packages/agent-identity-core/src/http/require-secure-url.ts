import { coreError, describeType } from '../errors.js';
import { isLoopbackHost } from './is-loopback-host.js';

/** Options for URLs that credentials are sent to. */
export interface SecureUrlOptions {
  /** Hosts besides loopback that plain `http:` may go to. Anyone on the network path can read what is sent. Default: none. */
  readonly allowPlainHttpHosts?: readonly string[] | undefined;
}

/**
 * Requires an absolute URL that credentials may be sent to: `https:`, or `http:` to loopback, without user name and
 * password (docs/protocol.md section 6).
 *
 * @param what Names the URL in the error message, such as `AuthAPI base URL`.
 * @throws AgentIdentityError `insecure_url`; `invalid_argument` if `allowPlainHttpHosts` is not a list
 * @example
 * ```ts
 * import { requireSecureUrl } from 'agent-identity-core/http';
 *
 * const url: URL = requireSecureUrl('https://agents.example.com', 'AuthAPI base URL');
 * ```
 */
export function requireSecureUrl(url: string | URL, what: string, options: SecureUrlOptions = {}): URL {
  const parsed = URL.canParse(String(url)) ? new URL(url) : undefined;
  if (parsed === undefined) {
    throw coreError('insecure_url', `${what}: expected an absolute URL, got ${describeType(url)}`);
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw coreError('insecure_url', `${what}: expected a URL without user name and password`);
  }
  if (parsed.protocol === 'https:') return parsed;
  if (parsed.protocol !== 'http:') {
    throw coreError('insecure_url', `${what}: expected https:, got ${parsed.protocol}`);
  }
  if (!isLoopbackHost(parsed.hostname) && !plainHttpHosts(options).includes(parsed.hostname)) {
    throw coreError(
      'insecure_url',
      `${what}: plain http: goes to loopback only, not to ${parsed.hostname}; allowPlainHttpHosts can allow it`,
    );
  }
  return parsed;
}

/** A string instead of a list would allow every host whose name it contains. */
function plainHttpHosts({ allowPlainHttpHosts = [] }: SecureUrlOptions): readonly string[] {
  if (Array.isArray(allowPlainHttpHosts))
    return allowPlainHttpHosts.map((host) => String(host).toLowerCase());
  throw coreError(
    'invalid_argument',
    `allowPlainHttpHosts: expected a list of host names, got ${describeType(allowPlainHttpHosts)}`,
  );
}
