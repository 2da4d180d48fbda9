import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import type { BearerCaller, Caller } from './caller.js';
import { createRequestAuthenticator } from './create-request-authenticator.js';
import type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';
import { readNodeRequest, sendRefusal } from './node-request.js';

export type { BearerCaller, Caller } from './caller.js';
export { getCaller } from './caller.js';
export type { Decision, DecisionAgent } from './decision.js';
export { getVerifiedAgent } from './get-verified-agent.js';
export type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';

declare global {
  namespace Express {
    interface Request {
      /** The agent that sent the request. Set by `requireAgent`; `getVerifiedAgent(request)` requires it. */
      agent?: VerifiedAgent | undefined;
      /** Who sent the request, set by `requireAgent` with `orBearer`; `getCaller(request)` requires it. */
      caller?: Caller | undefined;
    }
  }
}

/** The part of an Express request that the middleware uses, so that `@types/express` is not required. */
export interface ExpressRequest extends IncomingMessage {
  /** The client address, by the app's `trust proxy` setting. */
  readonly ip?: string | undefined;
  agent?: VerifiedAgent | undefined;
  caller?: Caller | undefined;
}

/** Middleware for Express 4 and 5. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: () => void,
) => Promise<void>;

/** Options for `requireAgent`. */
export interface RequireAgentOptions<Bearer extends BearerCaller = BearerCaller>
  extends MiddlewareOptions<ExpressRequest>,
    OrBearerOptions<ExpressRequest, [], Bearer> {}

/**
 * Creates Express middleware that puts the verified agent on `request.agent`, and answers every other request with
 * `verificationFailureResponse`. Put `cors()` before it: a CORS preflight has no assertion. The client address for the
 * replay limiter is `request.ip`. With `orBearer`, `getCaller(request)` tells who sent the request.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import type { AssertionVerifier } from 'agent-identity-verifier';
 * import { requireAgent } from 'agent-identity-verifier/express';
 * import express from 'express';
 *
 * const createApp = (verifier: AssertionVerifier) =>
 *   express()
 *     .use(requireAgent(verifier))
 *     .get('/whoami', (request, response) => void response.json(request.agent));
 * ```
 */
export function requireAgent<Bearer extends BearerCaller = BearerCaller>(
  verifier: Pick<AssertionVerifier, 'verify'>,
  options: RequireAgentOptions<Bearer> = {},
): ExpressMiddleware {
  const authenticate = createRequestAuthenticator(verifier, options, readRequest);
  return async (request, response, next) => {
    const caller = await authenticate(request);
    if (caller.refusal !== undefined) return sendRefusal(response, caller.refusal);
    request.agent = caller.agent;
    if (options.orBearer !== undefined) request.caller = caller;
    next();
  };
}

function readRequest(request: ExpressRequest) {
  return readNodeRequest(request, request.ip);
}
