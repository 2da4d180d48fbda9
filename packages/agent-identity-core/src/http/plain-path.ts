/**
 * Whether every server reads a path alike: no dot segments, empty segments in the middle, parameters, backslashes, or
 * percent-encoded characters with a meaning in paths (RFC 3986 section 3.3). Servers differ in how they normalize these, so a
 * rule for one path could let through another one.
 *
 * @param path Without query, as it came in the request line.
 * @example
 * ```ts
 * import { isPlainPath } from 'agent-identity-core/http';
 *
 * isPlainPath('/v1/responses'); // true
 * isPlainPath('/v1/%2e%2e/admin'); // false
 * ```
 */
export function isPlainPath(path: string): boolean {
  if (!/^(?:\/(?:[\w.~!$&'()*+,=:@-]|%[\da-f]{2})*)+$/i.test(path)) return false;
  return !/\/\.{1,2}(?:\/|$)|\/\/|%(?:[01][\da-f]|2[0ef5]|3[bf]|5c|7f|23)/i.test(path);
}
