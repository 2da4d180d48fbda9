import { type Clock, describeType } from 'agent-identity-core';
import type { AgentIdentityClaims } from 'agent-identity-core/wire';
import { jwtError } from '../errors.js';
import type { JwksSource } from '../jwks/jwks-source.js';
import { splitCompactJwt } from './compact-jwt.js';
import { readClaims } from './read-claims.js';
import { requireAgentKey } from './require-agent-key.js';
import { requireHeader } from './require-header.js';
import { requireIntended } from './require-intended.js';
import { requireSignature } from './require-signature.js';
import { requireTimely } from './require-timely.js';

/** By what an Agent Identity JWT is judged. */
export interface AgentIdentityJwtVerification {
  /** The keys of the issuer: `remoteJwks` or `localJwks`. */
  readonly jwks: JwksSource;
  /** How far `exp` and `nbf` may be off by our clock; 60 by default (docs/protocol.md section 7). */
  readonly leewaySeconds?: number | undefined;
}

/** What the verification may be given in place of the runtime's own. */
export interface AgentIdentityJwtEffects {
  /** Epoch milliseconds; `Date.now` by default. */
  readonly clock?: Clock | undefined;
  /** Ends this caller's wait for the key set; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Verifies an Agent Identity JWT (docs/protocol.md section 7), in this order: its form and its claims' types, before anything
 * is requested; its header; the key of its `kid`; the RS256 signature; issuer and audience; `exp` and `nbf`; and that
 * `agent_private_key` loads. So everything that is told about claims beyond their types is told of a genuine token only.
 *
 * It passes while `now < exp + leeway` and `now >= nbf - leeway`. `iat` must be there, and may
 * lie ahead: `nbf` is how an issuer says "not yet".
 *
 * @param jwt **Secret**, as it carries the agent's private key. Never part of an error, nor are its claims.
 * @returns the claims, **secret** too
 * @throws AgentIdentityError any code of `JwtErrorCode`; `retryable` where the key set could not be had
 */
export async function verifyAgentIdentityJwt(
  jwt: string,
  { jwks, leewaySeconds = 60 }: AgentIdentityJwtVerification,
  { clock = Date.now, signal }: AgentIdentityJwtEffects = {},
): Promise<AgentIdentityClaims> {
  if (!Number.isFinite(leewaySeconds) || leewaySeconds < 0) {
    throw jwtError(
      'invalid_argument',
      `leewaySeconds: expected seconds, 0 or more, got ${describeType(leewaySeconds)}`,
    );
  }
  const { header, payload } = splitCompactJwt(jwt);
  const claims = readClaims(payload);
  const kid = requireHeader(header);
  await requireSignature(jwt, await jwks.findKey(kid, { signal }));
  requireIntended(claims);
  requireTimely(claims, clock(), leewaySeconds);
  requireAgentKey(claims.agent_private_key);
  return claims;
}
