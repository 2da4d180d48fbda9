import type { Clock } from 'agent-identity-core';
import {
  readClock,
  requireKnownOptions,
  requireMethods,
  requireSeconds,
  resolveEffects,
} from 'agent-identity-core/http';
import type { AgentIdentityClaims } from 'agent-identity-core/wire';
import type { JwksSource } from '../jwks/jwks-source.js';
import { checkAgentKey, checkIssuerAndAudience, checkTimeClaims } from './check-claims.js';
import { checkHeader } from './check-header.js';
import { checkSignature } from './check-signature.js';
import { splitCompactJwt } from './compact-jwt.js';
import { readClaims } from './read-claims.js';

/** Options for {@link verifyAgentIdentityJwt}. */
export interface VerifyAgentIdentityJwtOptions {
  /** The keys of the issuer: `remoteJwks` or `localJwks`. */
  readonly jwks: JwksSource;
  /** Tolerance for `exp` and `nbf`, in seconds. Default: 60 (docs/protocol.md section 7). */
  readonly leewaySeconds?: number | undefined;
}

/** Overrides for ambient dependencies of {@link verifyAgentIdentityJwt}. */
export interface VerifyAgentIdentityJwtEffects {
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly clock?: Clock | undefined;
  /** Ends this caller's wait for the key set; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Verifies an Agent Identity JWT (docs/protocol.md section 7), in this order: its form and the types of its claims, before
 * anything is requested; its header; the key of its `kid`; the RS256 signature; issuer and audience; `exp` and `nbf`; and
 * whether `agent_private_key` loads. An error about the content of a claim is therefore about a genuine token.
 *
 * A token passes while `now < exp + leeway` and `now >= nbf - leeway`. `iat` is required but may be in the future: an
 * issuer uses `nbf` for "not yet".
 *
 * @param jwt **Secret**: it contains the agent's private key. Errors contain neither the token nor its claims. Surrounding
 * white space is ignored.
 * @returns the claims, **secret** as well
 * @throws AgentIdentityError any code of `JwtErrorCode`; `retryable` if the key set could not be fetched
 * @example
 * ```ts
 * import { agentIdentityJwksUrl, remoteJwks, verifyAgentIdentityJwt } from 'agent-identity-jwt';
 *
 * const jwks = remoteJwks(agentIdentityJwksUrl()); // once per process: it has the cache
 *
 * async function readAccount(jwt: string): Promise<string> {
 *   return (await verifyAgentIdentityJwt(jwt, { jwks })).account_id;
 * }
 * ```
 */
export async function verifyAgentIdentityJwt(
  jwt: string,
  options: VerifyAgentIdentityJwtOptions,
  effects: VerifyAgentIdentityJwtEffects = {},
): Promise<AgentIdentityClaims> {
  requireKnownOptions(options, ['jwks', 'leewaySeconds'], 'options');
  requireKnownOptions(effects, ['clock', 'signal'], 'effects');
  const { jwks, leewaySeconds = 60 } = options;
  requireMethods(jwks, ['findKey'], 'jwks', 'remoteJwks, localJwks or another JwksSource');
  requireSeconds(leewaySeconds, 'leewaySeconds');
  const { clock, signal } = resolveEffects(effects);
  const token = splitCompactJwt(jwt);
  const claims = readClaims(token.payload);
  const kid = checkHeader(token.header);
  await checkSignature(token.jwt, await jwks.findKey(kid, { signal }));
  checkIssuerAndAudience(claims);
  checkTimeClaims(claims, readClock(clock), leewaySeconds);
  checkAgentKey(claims);
  return claims;
}
