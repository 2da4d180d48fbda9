import type { Context, MiddlewareHandler } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import type { BearerCaller, Caller } from './caller.js';
import { createRequestAuthenticator, type ReceivedRequest } from './create-request-authenticator.js';
import type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';
import { mayBeTruncated } from './node-request.js';

export type { BearerCaller, Caller } from './caller.js';
export type { Decision, DecisionAgent } from './decision.js';
export type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';

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

/** The environment of a Hono app whose `requireAgent` has `orBearer`. */
export interface CallerEnv<
  Agent extends VerifiedAgent = VerifiedAgent,
  Bearer extends BearerCaller = BearerCaller,
> {
  Variables: {
    /** Who sent the request. Set by `requireAgent`. */
    caller: Caller<Agent, Bearer>;
    /** The agent that sent the request; undefined for a bearer token. */
    agent: Agent | undefined;
  };
}

/** Options for `requireAgent`. */
export interface RequireAgentOptions<Agent extends VerifiedAgent = VerifiedAgent>
  extends MiddlewareOptions<Context<AgentEnv<Agent>>, [], Agent> {}

/** Options for `requireAgent` that also accepts bearer tokens. */
export interface RequireAgentOrBearerOptions<
  Agent extends VerifiedAgent = VerifiedAgent,
  Bearer extends BearerCaller = BearerCaller,
> extends MiddlewareOptions<Context, [], Agent>,
    OrBearerOptions<Context, [], Bearer> {
  readonly orBearer: NonNullable<OrBearerOptions<Context, [], Bearer>['orBearer']>;
}

/**
 * Creates Hono middleware that sets the variable `agent` to the verified agent, and answers every other request with
 * `verificationFailureResponse`. Headers that earlier middleware has set stay on that response. Put `cors()` before it: a
 * CORS preflight has no assertion. Hono does not know the client address; for the replay limiter, give `clientAddress`. With
 * `orBearer`, it also sets the variable `caller`.
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
export function requireAgent<Agent extends VerifiedAgent, Bearer extends BearerCaller>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  options: RequireAgentOrBearerOptions<Agent, Bearer>,
): MiddlewareHandler<CallerEnv<Agent, Bearer>>;
export function requireAgent<Agent extends VerifiedAgent>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  options?: RequireAgentOptions<Agent>,
): MiddlewareHandler<AgentEnv<Agent>>;
export function requireAgent<Agent extends VerifiedAgent>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  options: MiddlewareOptions<Context, [], Agent> & OrBearerOptions<Context> = {},
): MiddlewareHandler {
  const authenticate = createRequestAuthenticator(verifier, options, readRequest);
  return async (context, next) => {
    const caller = await authenticate(context);
    const { agent, refusal } = caller;
    if (refusal !== undefined) {
      return context.json(refusal.body, refusal.status as ContentfulStatusCode, { ...refusal.headers });
    }
    context.set('agent', agent);
    if (options.orBearer !== undefined) context.set('caller', caller);
    return next();
  };
}

function readRequest({ req, env }: Context): ReceivedRequest {
  // `@hono/node-server` passes the request of Node.
  const { incoming } = (env ?? {}) as { readonly incoming?: { readonly rawHeaders?: readonly string[] } };
  return {
    readHeader: (name) => req.header(name),
    clientAddress: undefined,
    isTruncated: mayBeTruncated(incoming?.rawHeaders ?? []),
  };
}
