import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of agent-identity-jwt.
 *
 * | code | meaning |
 * |---|---|
 * | `malformed_jwt` | not three non-empty parts of strict base64url that hold JSON objects, or over 16 KiB |
 * | `invalid_claims` | a claim is missing or of another type (docs/protocol.md section 7); nothing was requested |
 * | `unsupported_algorithm` | `alg` is anything but `RS256`; nothing was requested |
 * | `forbidden_header` | the header brings a key (`jwk`, `jku`, `x5u`, `x5c`) or an extension (`crit`, `b64`); nothing was requested |
 * | `missing_kid` | the header has no `kid`, or not a non-empty string; nothing was requested |
 * | `unknown_kid` | the key set has no single key of that `kid` that is fit for RS256 |
 * | `invalid_jwt_signature` | the signature is not that key's over this token |
 * | `wrong_issuer`, `wrong_audience` | genuine, but issued by or for another |
 * | `jwt_expired`, `jwt_not_yet_valid` | genuine, but `exp` or `nbf` refuse it by our clock and the leeway |
 * | `invalid_agent_key` | genuine, but `agent_private_key` is no Ed25519 PKCS#8 document (docs/protocol.md section 2) |
 * | `jwks_unavailable` | the key set could not be fetched: says nothing about the token |
 * | `invalid_jwks` | what was given or fetched is no JWK set: says nothing about the token |
 * | `insecure_url` | not an absolute https URL without credentials, nor plain http to loopback |
 * | `invalid_argument` | an argument is of the wrong type or outside its range |
 *
 * `retryable` is set exactly where a key set could not be had over the network: the token may be good, and a server
 * should answer 503, not 401.
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
  | 'invalid_argument';

/** An `AgentIdentityError` of this package; its code is of the closed union above. */
export function jwtError(
  code: JwtErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<JwtErrorCode> {
  return new AgentIdentityError(code, message, options);
}
