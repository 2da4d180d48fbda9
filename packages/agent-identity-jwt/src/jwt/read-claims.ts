import {
  type AgentIdentityClaims,
  agentIdentityClaimsSchema,
  explainSchemaError,
  hideKeyFromInspect,
} from 'agent-identity-core/wire';
import { jwtError } from '../errors.js';
import { decodeJsonPart } from './compact-jwt.js';

/**
 * Reads the claims in the payload of a token, checks their types and drops unknown ones (docs/protocol.md section 7). Errors
 * name claims and kinds, never values.
 *
 * @throws AgentIdentityError `malformed_jwt`, `invalid_claims`
 */
export function readClaims(encodedPayload: string): AgentIdentityClaims {
  const payload = decodeJsonPart(encodedPayload, 'payload');
  const claims = agentIdentityClaimsSchema.safeParse(payload);
  if (claims.success) return hideKeyFromInspect(claims.data);
  throw jwtError('invalid_claims', `claims of the JWT: ${explainSchemaError(claims.error, payload)}`);
}
