import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import { createRequestAuthenticator, type MiddlewareOptions } from './create-request-authenticator.js';
import { readNodeRequest, sendRefusal } from './node-request.js';

export type { MiddlewareOptions } from './create-request-authenticator.js';
export { getVerifiedAgent } from './get-verified-agent.js';

declare global {
  namespace Express {
    interface Request {
      /** The agent that sent the request. Set by `requireAgent`; `getVerifiedAgent(request)` requires it. */
      agent?: VerifiedAgent | undefined;
    }
  }
}

/** The part of an Express request that the middleware uses, so that `@types/express` is not required. */
export interface ExpressRequest extends IncomingMessage {
  /** The client address, by the app's `trust proxy` setting. */
  readonly ip?: string | undefined;
  agent?: VerifiedAgent | undefined;
}

/** Middleware for Express 4 and 5. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: () => void,
) => Promise<void>;

/** Options for `requireAgent`. */
export interface RequireAgentOptions extends MiddlewareOptions<ExpressRequest> {}

/**
 * Creates Express middleware that puts the verified agent on `request.agent`, and answers every other request with
 * `verificationFailureResponse`. Put `cors()` before it: a CORS preflight has no assertion. The client address for the
 * replay limiter is `request.ip`.
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
export function requireAgent(
  verifier: Pick<AssertionVerifier, 'verify'>,
  options: RequireAgentOptions = {},
): ExpressMiddleware {
  const authenticate = createRequestAuthenticator(verifier, options, readRequest);
  return async (request, response, next) => {
    const { agent, refusal } = await authenticate(request);
    if (refusal !== undefined) return sendRefusal(response, refusal);
    request.agent = agent;
    next();
  };
}

function readRequest(request: ExpressRequest) {
  return readNodeRequest(request, request.ip);
}
