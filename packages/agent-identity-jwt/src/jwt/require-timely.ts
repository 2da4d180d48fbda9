import { describeType } from 'agent-identity-core';
import type { AgentIdentityClaims } from 'agent-identity-core/wire';
import { jwtError } from '../errors.js';

/**
 * Passes while `now < exp + leeway` and `now >= nbf - leeway`, in seconds (RFC 7519 sections 4.1.4 and 4.1.5).
 *
 * @param now Epoch milliseconds.
 * @throws AgentIdentityError `jwt_expired`, `jwt_not_yet_valid`; `invalid_argument` for a clock that tells no time
 */
export function requireTimely({ exp, nbf }: AgentIdentityClaims, now: number, leewaySeconds: number): void {
  if (!Number.isFinite(now)) {
    throw jwtError('invalid_argument', `clock: expected epoch milliseconds, got ${describeType(now)}`);
  }
  const second = now / 1000;
  const leeway = `where ${leewaySeconds} s are allowed: get a new one, or set the clock right`;
  if (second >= exp + leewaySeconds) {
    throw jwtError('jwt_expired', `the JWT expired ${seconds(second - exp)} ago, ${leeway}`);
  }
  if (nbf !== undefined && second < nbf - leewaySeconds) {
    throw jwtError('jwt_not_yet_valid', `the JWT is valid in ${seconds(nbf - second)} only, ${leeway}`);
  }
}

function seconds(difference: number): string {
  return `${Math.ceil(difference)} s`;
}
