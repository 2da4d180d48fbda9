import { describeType } from 'agent-identity-core';
import { jwtError } from '../errors.js';
import { decodeJsonPart } from './compact-jwt.js';

/** Parameters that bring a key of the sender's choice or change how the token is read (RFC 7515 section 4.1, RFC 7797). */
const forbidden = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64'] as const;

/**
 * Reads the header: `alg` must be `RS256`, nothing in it may bring a key or an extension, and the `kid` is returned.
 *
 * @throws AgentIdentityError `malformed_jwt`, `unsupported_algorithm`, `forbidden_header`, `missing_kid`
 */
export function requireHeader(encodedHeader: string): string {
  const header = decodeJsonPart(encodedHeader, 'header');
  const { alg, kid } = header;
  if (alg !== 'RS256') {
    throw jwtError('unsupported_algorithm', `alg: expected RS256, got another: ${describeType(alg)}`);
  }
  const brought = forbidden.find((parameter) => Object.hasOwn(header, parameter));
  if (brought !== undefined) {
    throw jwtError('forbidden_header', `the header of the JWT must not have "${brought}"`);
  }
  if (typeof kid !== 'string' || kid === '') {
    throw jwtError('missing_kid', `kid: expected a non-empty string, got ${describeType(kid)}`);
  }
  return kid;
}
