import ipaddr from 'ipaddr.js';

/** The well-known prefix of NAT64, which carries an IPv4 address in its last 32 bits (RFC 6052 section 2.1). */
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Returns the key that limits count an address under: an IPv4 address itself, in whatever form it is written (mapped into
 * IPv6 or behind NAT64, too); the first 64 bits of an IPv6 address, because one subscriber controls the rest. A zone id is
 * ignored. Text that is not an address is its own key.
 *
 * @example
 * ```ts
 * import { rateLimitKey } from 'agent-identity-authority-core';
 *
 * rateLimitKey('::ffff:c000:201'); // '192.0.2.1'
 * rateLimitKey('2001:db8:0:0:ffff::2'); // '2001:db8::/64'
 * ```
 */
export function rateLimitKey(address: string): string {
  const withoutZone = address.replace(/%.*$/, '');
  if (!ipaddr.IPv6.isValid(withoutZone)) return withoutZone;
  const parsed = ipaddr.IPv6.parse(withoutZone);
  if (parsed.isIPv4MappedAddress()) return parsed.toIPv4Address().toString();
  if (parsed.match(nat64)) return ipaddr.fromByteArray(parsed.toByteArray().slice(12)).toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed}/64`)}/64`;
}
