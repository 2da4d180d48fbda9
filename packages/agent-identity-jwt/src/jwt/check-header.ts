import { describeType } from 'agent-identity-core';
import { jwtError } from '../errors.js';
import { decodeJsonPart } from './compact-jwt.js';

/** Parameters that bring a key chosen by the sender, or change how the token is read (RFC 7515 section 4.1, RFC 7797). */
const forbidden = ['jwk', 'jku', 'x5u', 'x5c', 'crit', 'b64'] as const;

/**
 * Checks the header: `alg` is `RS256`, and nothing brings a key or an extension.
 *
 * @returns the `kid`
 * @throws AgentIdentityError `malformed_jwt`, `unsupported_algorithm`, `forbidden_header`, `missing_kid`
 */
export function checkHeader(encodedHeader: string): string {
  const header = decodeJsonPart(encodedHeader, 'header');
  const { alg, kid } = header;
  if (alg !== 'RS256') {
    const got = typeof alg === 'string' ? 'another string' : describeType(alg);
    throw jwtError('unsupported_algorithm', `alg: expected RS256, got ${got}`);
  }
  const found = forbidden.find((parameter) => Object.hasOwn(header, parameter));
  if (found !== undefined) {
    throw jwtError('forbidden_header', `the header of the JWT must not have "${found}"`);
  }
  if (typeof kid !== 'string' || kid === '') {
    throw jwtError('missing_kid', `kid: expected a non-empty string, got ${describeType(kid)}`);
  }
  return kid;
}
