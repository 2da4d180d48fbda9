import { compactVerify, errors } from 'jose';
import { jwtError } from '../errors.js';
import type { JwksSource } from '../jwks/jwks-source.js';
import { requireHeader } from './require-header.js';

/**
 * Looks up the key of the token's `kid` and verifies the RS256 signature, whatever the claims say.
 *
 * @throws AgentIdentityError `malformed_jwt`, `unsupported_algorithm`, `forbidden_header`, `missing_kid`,
 * `unknown_kid`, `invalid_jwt_signature`, `jwks_unavailable`, `invalid_jwks`
 */
export async function requireSignature(
  jwt: string,
  jwks: JwksSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  const kid = requireHeader(jwt);
  const key = await jwks.findKey(kid, { signal });
  try {
    await compactVerify(jwt, key, { algorithms: ['RS256'] });
  } catch (error) {
    throw fromJose(error);
  }
}

function fromJose(error: unknown): Error {
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return jwtError('invalid_jwt_signature', 'the signature of the JWT is not of the key that its kid names');
  }
  if (error instanceof errors.JOSEError)
    return jwtError('malformed_jwt', 'JWT: expected a JWS in compact form');
  return jwtError('invalid_jwks', 'expected the JWKS source to give a public RSA key of at least 2048 bits');
}
