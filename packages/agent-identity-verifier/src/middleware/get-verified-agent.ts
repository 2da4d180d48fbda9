import { verificationError } from '../errors.js';
import type { VerifiedAgent } from '../verified-agent.js';

/**
 * Returns the agent that `requireAgent` put on the request.
 *
 * @throws AgentIdentityError `invalid_argument` if `requireAgent` did not run, so that a route that is unprotected by
 * mistake fails for everyone
 * @example
 * ```ts
 * import { getVerifiedAgent } from 'agent-identity-verifier/express';
 *
 * function readAccount(request: Parameters<typeof getVerifiedAgent>[0]): string {
 *   return getVerifiedAgent(request).accountId;
 * }
 * ```
 */
export function getVerifiedAgent(request: {
  readonly agent?: VerifiedAgent | null | undefined;
}): VerifiedAgent {
  if (request?.agent) return request.agent;
  throw verificationError('invalid_argument', 'request: expected a request that requireAgent let through');
}
