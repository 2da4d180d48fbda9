import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import {
  createRequestAuthenticator,
  type MiddlewareOptions,
  type ReceivedRequest,
} from './create-request-authenticator.js';
import { mayBeTruncated } from './node-request.js';

export type { MiddlewareOptions } from './create-request-authenticator.js';

/**
 * The environment of a Hono app whose handlers read `context.var.agent`. `AgentEnv<VerifiedAgentRuntime>` is the one of a
 * service that accepts only the first generation.
 */
export interface AgentEnv<Agent extends VerifiedAgent = VerifiedAgent> {
  Variables: {
    /** The agent that sent the request. Set by `requireAgent`. */
    agent: Agent;
  };
}

/** Options for `requireAgent`. */
export interface RequireAgentOptions<Agent extends VerifiedAgent = VerifiedAgent>
  extends MiddlewareOptions<Context<AgentEnv<Agent>>, [], Agent> {}

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
export function requireAgent<Agent extends VerifiedAgent>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  options: RequireAgentOptions<Agent> = {},
): MiddlewareHandler<AgentEnv<Agent>> {
  const authenticate = createRequestAuthenticator(verifier, options, readRequest<Agent>);
  return async (context, next) => {
    const { agent, refusal } = await authenticate(context);
    if (refusal !== undefined) {
      return context.json(refusal.body, refusal.status as ContentfulStatusCode, { ...refusal.headers });
    }
    context.set('agent', agent);
    return next();
  };
}

function readRequest<Agent extends VerifiedAgent>({ req, env }: Context<AgentEnv<Agent>>): ReceivedRequest {
  // `@hono/node-server` passes the request of Node.
  const { incoming } = (env ?? {}) as { readonly incoming?: { readonly rawHeaders?: readonly string[] } };
  return {
    readHeader: (name) => req.header(name),
    clientAddress: undefined,
    isTruncated: mayBeTruncated(incoming?.rawHeaders ?? []),
  };
}
