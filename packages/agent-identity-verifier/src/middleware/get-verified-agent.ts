import type { AssertionGeneration } from 'agent-identity-core';
import { verificationError } from '../errors.js';
import type { VerifiedAgent, VerifiedAgentOf } from '../verified-agent.js';

/**
 * Returns the agent that `requireAgent` put on the request.
 *
 * @param generation The generation that the verifier accepts, if it accepts only one: narrows the type. Default: either.
 * @throws AgentIdentityError `invalid_argument` if `requireAgent` did not run, so that a route that is unprotected by
 * mistake fails for everyone; also if the agent is of another generation
 * @example
 * ```ts
 * import { getVerifiedAgent } from 'agent-identity-verifier/express';
 *
 * function readTask(request: Parameters<typeof getVerifiedAgent>[0]): string {
 *   return getVerifiedAgent(request, 1).taskId;
 * }
 * ```
 */
export function getVerifiedAgent<Generation extends AssertionGeneration = AssertionGeneration>(
  request: { readonly agent?: VerifiedAgent | null | undefined },
  generation?: Generation,
): VerifiedAgentOf<Generation> {
  const agent = request?.agent;
  if (!agent) {
    throw verificationError('invalid_argument', 'request: expected a request that requireAgent let through');
  }
  if (generation !== undefined && agent.generation !== generation) {
    throw verificationError(
      'invalid_argument',
      `request: expected an agent of generation ${generation}, got one of generation ${agent.generation}`,
    );
  }
  return agent as VerifiedAgentOf<Generation>;
}
