/**
 * Whether a host name or address is this machine: `localhost`, `127.0.0.0/8` in dotted form, `::1` with or without
 * brackets (RFC 6761 section 6.3, RFC 5735 section 3). Names are not resolved.
 *
 * @example
 * ```ts
 * import { isLoopbackHost } from 'agent-identity-core/http';
 *
 * isLoopbackHost('127.0.0.1'); // true
 * ```
 */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
