import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AssertionVerifier } from '../create-assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import {
  accountHeader,
  createRequestAuthenticator,
  type MiddlewareOptions,
  type ReceivedRequest,
} from './create-request-authenticator.js';

export type { MiddlewareOptions } from './create-request-authenticator.js';

/** The environment of a Hono app whose handlers read `context.var.agent`. */
export interface AgentEnv {
  Variables: {
    /** The agent that sent the request. Set by `requireAgent`. */
    agent: VerifiedAgent;
  };
}

/** Options for `requireAgent`. */
export interface RequireAgentOptions extends MiddlewareOptions<Context<AgentEnv>> {}

/**
 * Creates Hono middleware that sets the variable `agent` to the verified agent, and answers every other request with
 * `verificationFailureResponse`. Headers that earlier middleware has set stay on that response. Put `cors()` before it: a
 * CORS preflight has no assertion. Hono does not know the client address; for the replay limiter, give `clientAddress`.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import type { AssertionVerifier } from 'agent-identity-verifier';
 * import { requireAgent } from 'agent-identity-verifier/hono';
 * import { Hono } from 'hono';
 *
 * const createApp = (verifier: AssertionVerifier) =>
 *   new Hono()
 *     .use(requireAgent(verifier))
 *     .get('/whoami', (context) => context.json(context.var.agent));
 * ```
 */
export function requireAgent(
  verifier: AssertionVerifier,
  options: RequireAgentOptions = {},
): MiddlewareHandler<AgentEnv> {
  const authenticate = createRequestAuthenticator(verifier, options, readRequest);
  return async (context, next) => {
    const { agent, refusal } = await authenticate(context);
    if (agent === undefined) {
      return context.json(refusal.body, refusal.status as ContentfulStatusCode, { ...refusal.headers });
    }
    context.set('agent', agent);
    return next();
  };
}

function readRequest({ req }: Context<AgentEnv>): ReceivedRequest {
  return {
    authorization: req.header('authorization'),
    accountId: req.header(accountHeader),
    clientAddress: undefined,
  };
}
