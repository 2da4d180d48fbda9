import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of agent-identity-jwt.
 *
 * | code | meaning |
 * |---|---|
 * | `malformed_jwt` | not three non-empty parts of strict base64url that contain JSON objects, or over 16 KiB |
 * | `invalid_claims` | a claim is missing or has another type (docs/protocol.md section 7); nothing was requested |
 * | `unsupported_algorithm` | `alg` is not `RS256`; nothing was requested |
 * | `forbidden_header` | the header brings a key (`jwk`, `jku`, `x5u`, `x5c`) or an extension (`crit`, `b64`); nothing was requested |
 * | `missing_kid` | the header has no `kid`, or it is not a non-empty string; nothing was requested |
 * | `unknown_kid` | the key set has no single key with this `kid` that can verify RS256 |
 * | `invalid_jwt_signature` | the key did not sign this token |
 * | `wrong_issuer`, `wrong_audience` | a genuine token, issued by or for someone else |
 * | `jwt_expired`, `jwt_not_yet_valid` | a genuine token, outside `exp` or `nbf` by our clock and the leeway |
 * | `invalid_agent_key` | a genuine token, but `agent_private_key` is not an Ed25519 PKCS#8 document (docs/protocol.md section 2) |
 * | `jwks_unavailable` | the key set could not be fetched; says nothing about the token |
 * | `invalid_jwks` | the given or fetched document is not a JWK set; says nothing about the token |
 * | `insecure_url` | not an absolute `https:` URL without credentials, nor `http:` to loopback |
 * | `invalid_base_url` | a base URL with a query or a fragment |
 * | `invalid_argument` | an argument is unknown, of the wrong type or outside its range |
 *
 * `retryable` is true only if a key set could not be fetched: the token may be good, so a server should answer 503, not
 * 401.
 */
export type JwtErrorCode =
  | 'malformed_jwt'
  | 'invalid_claims'
  | 'unsupported_algorithm'
  | 'forbidden_header'
  | 'missing_kid'
  | 'unknown_kid'
  | 'invalid_jwt_signature'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'jwt_expired'
  | 'jwt_not_yet_valid'
  | 'invalid_agent_key'
  | 'jwks_unavailable'
  | 'invalid_jwks'
  | 'insecure_url'
  | 'invalid_base_url'
  | 'invalid_argument';

/** Creates an error of this package. */
export function jwtError(
  code: JwtErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<JwtErrorCode> {
  return new AgentIdentityError(code, message, options);
}
