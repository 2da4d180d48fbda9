import type { AgentIdentityClaims } from 'agent-identity-core/wire';
import { splitCompactJwt } from './compact-jwt.js';
import { readClaims } from './read-claims.js';

/**
 * Reads the claims of an Agent Identity JWT and **verifies nothing** (docs/protocol.md section 7): anyone may have written
 * them. Use it to show a token's content. To act on a token, use `verifyAgentIdentityJwt`.
 *
 * Reads only the payload, of exactly three non-empty parts of strict base64url. Surrounding white space is ignored.
 *
 * @param jwt **Secret**: it contains the agent's private key. Errors contain neither the token nor its claims.
 * @returns the claims, **secret** as well
 * @throws AgentIdentityError `malformed_jwt`, `invalid_claims`
 * @example
 * ```ts
 * import { decodeUnverifiedAgentIdentityJwt } from 'agent-identity-jwt';
 *
 * function showAccount(jwt: string): string {
 *   return decodeUnverifiedAgentIdentityJwt(jwt).account_id;
 * }
 * ```
 */
export function decodeUnverifiedAgentIdentityJwt(jwt: string): AgentIdentityClaims {
  return readClaims(splitCompactJwt(jwt).payload);
}
