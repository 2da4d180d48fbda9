import { kindOf } from 'agent-identity-core';
import { type AgentIdentityClaims, agentIdentityClaimsSchema } from 'agent-identity-core/wire';
import { jwtError } from '../errors.js';
import { decodeJsonPart, splitCompactJwt } from './compact-jwt.js';

/**
 * Reads the claims of an Agent Identity JWT and **verifies nothing** (protocol section 7): anybody can have written
 * them. Good for showing what a token says of itself; whoever acts on it calls `verifyAgentIdentityJwt`.
 *
 * Only the payload is read, of exactly three non-empty parts of strict base64url; claims that the protocol does not
 * know are dropped.
 *
 * @param jwt **Secret**, as it carries the agent's private key. Never part of an error, nor are its claims.
 * @returns the claims, **secret** too
 * @throws AgentIdentityError `malformed_jwt`, `invalid_claims`
 */
export function decodeUnverifiedAgentIdentityJwt(jwt: string): AgentIdentityClaims {
  const payload = decodeJsonPart(splitCompactJwt(jwt).payload, 'payload');
  const claims = agentIdentityClaimsSchema.safeParse(payload);
  if (claims.success) return claims.data;
  const flaws = claims.error.issues.map(({ code, path: [claim], ...issue }) => {
    const expected =
      code === 'invalid_type' && 'expected' in issue ? `a ${issue.expected}` : 'a non-empty string';
    return `${String(claim)}: expected ${expected}, got ${kindOf(payload[String(claim)])}`;
  });
  throw jwtError('invalid_claims', `claims of the JWT: ${flaws.join('; ')}`);
}
