import { verificationError } from '../errors.js';
import type { VerifiedAgent } from '../verified-agent.js';

/**
 * The agent that `requireAgent` put on the request.
 *
 * @throws AgentIdentityError `invalid_argument` where `requireAgent` did not run: a route that was left open by mistake
 * fails, and does not take a stranger for an agent
 */
export function verifiedAgentOf(request: {
  readonly agent?: VerifiedAgent | null | undefined;
}): VerifiedAgent {
  if (request.agent) return request.agent;
  throw verificationError('invalid_argument', 'request: expected one that requireAgent let through');
}
