import { invalidArgument } from 'agent-identity-core/http';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import type { BearerCaller, Caller } from './caller.js';
import { createRequestAuthenticator } from './create-request-authenticator.js';
import { readFetchRequest } from './fetch-request.js';
import type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';

export type { BearerCaller, Caller } from './caller.js';
export type { Decision, DecisionAgent } from './decision.js';
export type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';

/** Options for `withAgent`. `clientAddress` gets the same arguments as the handler, without the agent. */
export interface WithAgentOptions<
  Rest extends readonly unknown[] = [],
  Agent extends VerifiedAgent = VerifiedAgent,
> extends MiddlewareOptions<Request, Rest, Agent> {}

/** Options for `withAgent` that also accepts bearer tokens. */
export interface WithAgentOrBearerOptions<
  Rest extends readonly unknown[] = [],
  Agent extends VerifiedAgent = VerifiedAgent,
  Bearer extends BearerCaller = BearerCaller,
> extends WithAgentOptions<Rest, Agent>,
    OrBearerOptions<Request, Rest, Bearer> {
  readonly orBearer: NonNullable<OrBearerOptions<Request, Rest, Bearer>['orBearer']>;
}

/** Handles a request of a verified agent or of the holder of a bearer token. `rest` is what the platform passes beside it. */
export type CallerRequestHandler<
  Agent extends VerifiedAgent = VerifiedAgent,
  Bearer extends BearerCaller = BearerCaller,
  Rest extends readonly unknown[] = [],
> = (request: Request, caller: Caller<Agent, Bearer>, ...rest: Rest) => Response | Promise<Response>;

/** Handles a request of a verified agent. `rest` is what the platform passes beside the request. */
export type AgentRequestHandler<
  Agent extends VerifiedAgent = VerifiedAgent,
  Rest extends readonly unknown[] = [],
> = (request: Request, agent: Agent, ...rest: Rest) => Response | Promise<Response>;

/**
 * Wraps a handler of `Request` and `Response`, for every platform with such handlers: Next.js route handlers, Cloudflare
 * Workers, Bun, Deno. It calls yours for verified agents, and answers every other request with
 * `verificationFailureResponse`. Answer CORS preflights before you call it: they have no assertion. It does not know the client
 * address; for the replay limiter, give `clientAddress`. With `orBearer`, the second argument of the handler is a `Caller`.
 *
 * Where the platform keeps only the first of several `Authorization` headers, that one is verified.
 *
 * @returns a handler that rejects with the error that your handler throws
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import type { AssertionVerifier } from 'agent-identity-verifier';
 * import { withAgent } from 'agent-identity-verifier/fetch';
 *
 * const createWorker = (verifier: AssertionVerifier) => ({
 *   fetch: withAgent(verifier, (_request, { accountId }, env: { greeting: string }) =>
 *     new Response(`${env.greeting}, ${accountId}`),
 *   ),
 * });
 * ```
 */
export function withAgent<
  Agent extends VerifiedAgent,
  Bearer extends BearerCaller,
  Rest extends readonly unknown[] = [],
>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  handler: CallerRequestHandler<Agent, Bearer, Rest>,
  options: WithAgentOrBearerOptions<Rest, Agent, Bearer>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function withAgent<Agent extends VerifiedAgent, Rest extends readonly unknown[] = []>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  handler: AgentRequestHandler<Agent, Rest>,
  options?: WithAgentOptions<Rest, Agent>,
): (request: Request, ...rest: Rest) => Promise<Response>;
export function withAgent<Agent extends VerifiedAgent, Rest extends readonly unknown[] = []>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  handler: (request: Request, who: never, ...rest: Rest) => Response | Promise<Response>,
  options: WithAgentOptions<Rest, Agent> & OrBearerOptions<Request, Rest> = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  if (typeof handler !== 'function') throw invalidArgument('handler', 'a function', handler);
  const authenticate = createRequestAuthenticator(verifier, options, readFetchRequest);
  return async (request, ...rest) => {
    const caller = await authenticate(request, ...rest);
    const { agent, refusal } = caller;
    if (refusal !== undefined) return Response.json(refusal.body, refusal);
    return handler(request, (options.orBearer === undefined ? agent : caller) as never, ...rest);
  };
}
