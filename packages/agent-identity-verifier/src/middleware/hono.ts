import type { Context, MiddlewareHandler } from 'hono';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import {
  accountHeader,
  judgeRequest,
  type MiddlewareOptions,
  type ReceivedRequest,
} from './judge-request.js';

export type { MiddlewareOptions } from './judge-request.js';

/** The type argument of a Hono app whose handlers read `context.var.agent`. */
export interface AgentEnv {
  Variables: {
    /** Who acts. Set by `requireAgent`, before any handler behind it runs. */
    agent: VerifiedAgent;
  };
}

/**
 * Hono middleware that lets verified agents through, as the variable `agent`, and answers everybody else with
 * `verificationFailureResponse`. It knows no client addresses by itself: give `clientAddress` for the abuse guard.
 */
export function requireAgent(
  verifier: AssertionVerifier,
  options: MiddlewareOptions<Context<AgentEnv>> = {},
): MiddlewareHandler<AgentEnv> {
  return async (context, next) => {
    const { agent, refusal } = await judgeRequest(verifier, context, readContext, options);
    if (agent === undefined) {
      return Response.json(refusal.body, { status: refusal.status, headers: refusal.headers });
    }
    context.set('agent', agent);
    return next();
  };
}

function readContext({ req }: Context<AgentEnv>): ReceivedRequest {
  return {
    authorization: req.header('authorization'),
    accountId: req.header(accountHeader),
    clientAddress: undefined,
  };
}
