import { coreError, describeType } from '../errors.js';

/** Which hosts may be spoken to without TLS, besides loopback. */
export interface SecureUrlOptions {
  /** Host names to which plain `http:` is allowed although they are not loopback. Everything sent can be read on the way. */
  readonly allowPlainHttpHosts?: readonly string[];
}

/**
 * Reads an absolute URL that credentials may be sent to: `https:`, or `http:` to loopback, without user name or
 * password (docs/protocol.md section 6).
 *
 * @param what Names the URL in the error message, such as `AuthAPI base URL`.
 * @throws AgentIdentityError `insecure_url`; `invalid_argument` for a list of hosts that is none
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
  if (!isLoopback(parsed.hostname) && !plainHttpHosts(options).includes(parsed.hostname)) {
    throw coreError(
      'insecure_url',
      `${what}: plain http: goes to loopback only, not to ${parsed.hostname}; allowPlainHttpHosts can allow it`,
    );
  }
  return parsed;
}

/** RFC 6761 section 6.3 and RFC 5735 section 3. WHATWG URLs hold IPv4 addresses in dotted form only. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** A string in place of the list would allow each host whose name it contains. */
function plainHttpHosts({ allowPlainHttpHosts = [] }: SecureUrlOptions): readonly string[] {
  if (Array.isArray(allowPlainHttpHosts))
    return allowPlainHttpHosts.map((host) => String(host).toLowerCase());
  throw coreError(
    'invalid_argument',
    `allowPlainHttpHosts: expected a list of host names, got ${describeType(allowPlainHttpHosts)}`,
  );
}
