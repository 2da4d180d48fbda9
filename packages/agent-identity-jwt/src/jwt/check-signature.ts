import { type CryptoKey, compactVerify, errors } from 'jose';
import { jwtError } from '../errors.js';

/**
 * Checks the RS256 signature of a token and none of its claims. `jwtVerify` would parse the claims a second time and put
 * them, with the private key, into its errors.
 *
 * @throws AgentIdentityError `invalid_jwt_signature`; `invalid_jwks` for a key that cannot verify RS256
 */
export async function checkSignature(jwt: string, key: CryptoKey): Promise<void> {
  try {
    await compactVerify(jwt, key, { algorithms: ['RS256'] });
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) {
      throw jwtError('invalid_jwt_signature', 'the key that the kid names did not sign the JWT');
    }
    if (error instanceof errors.JOSEError)
      throw jwtError('malformed_jwt', 'JWT: expected a JWS in compact form');
    throw jwtError(
      'invalid_jwks',
      'expected the JWKS source to return a public RSA key of at least 2048 bits',
    );
  }
}
