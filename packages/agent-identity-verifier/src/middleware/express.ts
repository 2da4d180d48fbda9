import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import { judgeRequest, type MiddlewareOptions } from './judge-request.js';
import { readNodeRequest } from './read-node-request.js';
import { writeRefusal } from './write-refusal.js';

export type { MiddlewareOptions } from './judge-request.js';
export { verifiedAgentOf } from './verified-agent-of.js';

declare global {
  namespace Express {
    interface Request {
      /** Who acts. Set by `requireAgent`; `verifiedAgentOf(request)` reads it where it must be there. */
      agent?: VerifiedAgent | undefined;
    }
  }
}

/** What is needed of Express's request, so that its types need not be installed. */
export interface ExpressRequest extends IncomingMessage {
  /** By the `trust proxy` setting of the app. */
  readonly ip?: string | undefined;
  agent?: VerifiedAgent | undefined;
}

/** As Express calls it. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: () => void,
) => Promise<void>;

/**
 * Express middleware that lets verified agents through, as `request.agent`, and answers everybody else with
 * `verificationFailureResponse`. The abuse guard counts `request.ip`.
 */
export function requireAgent(
  verifier: AssertionVerifier,
  options: MiddlewareOptions<ExpressRequest> = {},
): ExpressMiddleware {
  return async (request, response, next) => {
    const { agent, refusal } = await judgeRequest(verifier, request, readRequest, options);
    if (agent === undefined) return writeRefusal(response, refusal);
    request.agent = agent;
    next();
  };
}

const readRequest = (request: ExpressRequest) => readNodeRequest(request, request.ip);
