import { invalidArgument } from 'agent-identity-core/http';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import { createRequestAuthenticator, type MiddlewareOptions } from './create-request-authenticator.js';
import { readFetchRequest } from './fetch-request.js';

export type { MiddlewareOptions } from './create-request-authenticator.js';

/** Options for `withAgent`. `clientAddress` gets the same arguments as the handler, without the agent. */
export interface WithAgentOptions<
  Rest extends readonly unknown[] = [],
  Agent extends VerifiedAgent = VerifiedAgent,
> extends MiddlewareOptions<Request, Rest, Agent> {}

/** Handles a request of a verified agent. `rest` is what the platform passes beside the request. */
export type AgentRequestHandler<
  Agent extends VerifiedAgent = VerifiedAgent,
  Rest extends readonly unknown[] = [],
> = (request: Request, agent: Agent, ...rest: Rest) => Response | Promise<Response>;

/**
 * Wraps a handler of `Request` and `Response`, for every platform with such handlers: Next.js route handlers, Cloudflare
 * Workers, Bun, Deno. It calls yours for verified agents, and answers every other request with
 * `verificationFailureResponse`. Answer CORS preflights before you call it: they have no assertion. It does not know the client
 * address; for the replay limiter, give `clientAddress`.
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
export function withAgent<Agent extends VerifiedAgent, Rest extends readonly unknown[] = []>(
  verifier: Pick<AssertionVerifier<Agent>, 'verify'>,
  handler: AgentRequestHandler<Agent, Rest>,
  options: WithAgentOptions<Rest, Agent> = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  if (typeof handler !== 'function') throw invalidArgument('handler', 'a function', handler);
  const authenticate = createRequestAuthenticator(verifier, options, readFetchRequest);
  return async (request, ...rest) => {
    const { agent, refusal } = await authenticate(request, ...rest);
    if (refusal !== undefined) return Response.json(refusal.body, refusal);
    return handler(request, agent, ...rest);
  };
}
