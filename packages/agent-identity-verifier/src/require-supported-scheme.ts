import { verificationError } from './errors.js';

const scheme = 'AgentAssertion';

/** The schemes that an error may name. Other text before the first space may be a credential. */
const namedSchemes = ['Bearer', 'Basic', 'Digest', 'DPoP', 'Negotiate'];

/**
 * Requires an `Authorization` header value with the scheme `AgentAssertion`. A client that fell back to another kind of
 * credential gets a separate error code, not that of a malformed assertion.
 *
 * @throws AgentIdentityError `unsupported_scheme`
 */
export function requireSupportedScheme(headerValue: string): void {
  if (typeof headerValue !== 'string' || headerValue.startsWith(`${scheme} `)) return;
  const sent = headerValue.split(' ', 1)[0]?.toLowerCase();
  // In another case it is the right scheme (RFC 9110 section 11.1) in a form that no client of the protocol writes.
  if (sent === scheme.toLowerCase()) return;
  const name = namedSchemes.find((named) => named.toLowerCase() === sent) ?? 'another scheme or none';
  throw verificationError(
    'unsupported_scheme',
    `Authorization: expected the scheme ${scheme}, got ${name}; the client has fallen back to other credentials or has no agent identity`,
  );
}
