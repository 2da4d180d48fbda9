import { type CryptoKey, compactVerify, errors } from 'jose';
import { jwtError } from '../errors.js';

/**
 * Verifies the RS256 signature of a token, and nothing of its claims: `jwtVerify` would read them a second time, and
 * put them, the private key among them, into its errors.
 *
 * @throws AgentIdentityError `invalid_jwt_signature`; `invalid_jwks` for a key that is not fit for RS256
 */
export async function requireSignature(jwt: string, key: CryptoKey): Promise<void> {
  try {
    await compactVerify(jwt, key, { algorithms: ['RS256'] });
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      throw jwtError(
        'invalid_jwt_signature',
        'the signature of the JWT is not of the key that its kid names',
      );
    }
    if (error instanceof errors.JOSEError)
      throw jwtError('malformed_jwt', 'JWT: expected a JWS in compact form');
    throw jwtError('invalid_jwks', 'expected the JWKS source to give a public RSA key of at least 2048 bits');
  }
}
