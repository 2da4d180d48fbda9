import { isAgentIdentityError, readAgentKey } from 'agent-identity-core';
import type { AgentIdentityClaims } from 'agent-identity-core/wire';
import { jwtError } from '../errors.js';

/** The `iss` of every Agent Identity JWT (docs/protocol.md section 7). */
export const agentIdentityJwtIssuer = 'https://chatgpt.com/codex-backend/agent-identity';

/** The `aud` of every Agent Identity JWT: a string, never an array (docs/protocol.md section 7). */
export const agentIdentityJwtAudience = 'codex-app-server';

/** @throws AgentIdentityError `wrong_issuer`, `wrong_audience` */
export function checkIssuerAndAudience({ iss, aud }: AgentIdentityClaims): void {
  if (iss !== agentIdentityJwtIssuer) {
    throw jwtError('wrong_issuer', `iss: expected ${agentIdentityJwtIssuer}, got another string`);
  }
  if (aud !== agentIdentityJwtAudience) {
    throw jwtError('wrong_audience', `aud: expected ${agentIdentityJwtAudience}, got another string`);
  }
}

/**
 * Passes while `now < exp + leeway` and `now >= nbf - leeway`, in seconds (RFC 7519 sections 4.1.4 and 4.1.5).
 *
 * @param now Epoch milliseconds.
 * @throws AgentIdentityError `jwt_expired`, `jwt_not_yet_valid`
 */
export function checkTimeClaims({ exp, nbf }: AgentIdentityClaims, now: number, leewaySeconds: number): void {
  const second = now / 1000;
  const advice = `the leeway is ${leewaySeconds} s; get a new token, or correct the clock`;
  if (second >= exp + leewaySeconds) {
    throw jwtError('jwt_expired', `the JWT expired ${Math.ceil(second - exp)} s ago; ${advice}`);
  }
  if (nbf !== undefined && second < nbf - leewaySeconds) {
    throw jwtError(
      'jwt_not_yet_valid',
      `the JWT is not valid for another ${Math.ceil(nbf - second)} s; ${advice}`,
    );
  }
}

/**
 * A PKCS#8 document of version 1: 48 bytes, and the first 16 are always the same (RFC 8410 section 7). Any 32 bytes that
 * follow are a usable private key.
 */
const version1Document = /^MC4CAQAwBQYDK2VwBCIEI[A-P][A-Za-z0-9+/]{42}$/;

/**
 * Checks that `readAgentKey` accepts the private key of the claims. Does not derive the public key of a version 1
 * document: it cannot fail, and takes longer than verifying the whole token.
 *
 * @throws AgentIdentityError `invalid_agent_key`
 */
export function checkAgentKey({ agent_private_key: pkcs8Base64 }: AgentIdentityClaims): void {
  if (version1Document.test(pkcs8Base64)) return;
  try {
    readAgentKey(pkcs8Base64);
  } catch (error) {
    const reason = isAgentIdentityError(error) ? error.message : 'it does not load';
    throw jwtError('invalid_agent_key', `agent_private_key: ${reason}`);
  }
}
