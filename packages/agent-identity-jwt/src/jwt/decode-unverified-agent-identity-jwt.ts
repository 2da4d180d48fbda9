import type { AgentIdentityClaims } from 'agent-identity-core/wire';
import { splitCompactJwt } from './compact-jwt.js';
import { readClaims } from './read-claims.js';

/**
 * Reads the claims of an Agent Identity JWT and **verifies nothing** (docs/protocol.md section 7): anybody can have written
 * them. Good for showing what a token says of itself; whoever acts on it calls `verifyAgentIdentityJwt`.
 *
 * Only the payload is read, of exactly three non-empty parts of strict base64url.
 *
 * @param jwt **Secret**, as it carries the agent's private key. Never part of an error, nor are its claims.
 * @returns the claims, **secret** too
 * @throws AgentIdentityError `malformed_jwt`, `invalid_claims`
 */
export function decodeUnverifiedAgentIdentityJwt(jwt: string): AgentIdentityClaims {
  return readClaims(splitCompactJwt(jwt).payload);
}
