import { describeType } from 'agent-identity-core';
import {
  type AgentIdentityClaims,
  agentIdentityClaimsSchema,
  hideKeyFromInspect,
} from 'agent-identity-core/wire';
import { jwtError } from '../errors.js';
import { decodeJsonPart } from './compact-jwt.js';

/**
 * Reads the claims out of the payload of a token and checks their types (docs/protocol.md section 7). Claims that the protocol
 * does not know are dropped. The error names claims and kinds, never values.
 *
 * @throws AgentIdentityError `malformed_jwt`, `invalid_claims`
 */
export function readClaims(encodedPayload: string): AgentIdentityClaims {
  const payload = decodeJsonPart(encodedPayload, 'payload');
  const claims = agentIdentityClaimsSchema.safeParse(payload);
  if (claims.success) return hideKeyFromInspect(claims.data);
  const flaws = claims.error.issues.map((issue) => {
    const claim = String(issue.path[0]);
    const expected = issue.code === 'invalid_type' ? `a ${issue.expected}` : 'a non-empty string';
    return `${claim}: expected ${expected}, got ${describeType(payload[claim])}`;
  });
  throw jwtError('invalid_claims', `claims of the JWT: ${flaws.join('; ')}`);
}
