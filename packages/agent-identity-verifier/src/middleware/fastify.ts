import type { FastifyPluginCallback, FastifyRequest } from 'fastify';
import type { AssertionVerifier } from '../assertion-verifier.js';
import type { VerifiedAgent } from '../verified-agent.js';
import { judgeRequest, type MiddlewareOptions } from './judge-request.js';
import { readNodeRequest } from './read-node-request.js';

export type { MiddlewareOptions } from './judge-request.js';
export { verifiedAgentOf } from './verified-agent-of.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who acts. Set by `requireAgent`; `verifiedAgentOf(request)` reads it where it must be there. */
    agent: VerifiedAgent | null;
  }
}

/** What the Fastify plugin is registered with. */
export interface RequireAgentOptions extends MiddlewareOptions<FastifyRequest> {
  readonly verifier: AssertionVerifier;
}

/**
 * Fastify plugin that lets verified agents through to the routes of the scope that it is registered in, as
 * `request.agent`, and answers everybody else with `verificationFailureResponse`, before any body is read. The abuse guard
 * counts `request.ip`.
 */
export const requireAgent: FastifyPluginCallback<RequireAgentOptions> = (
  fastify,
  { verifier, onRefusal, clientAddress },
  done,
) => {
  fastify.decorateRequest('agent', null);
  fastify.addHook('onRequest', async (request, reply) => {
    const options = { onRefusal, clientAddress };
    const { agent, refusal } = await judgeRequest(verifier, request, readRequest, options);
    if (agent === undefined) {
      return reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
    }
    request.agent = agent;
  });
  done();
};

// As fastify-plugin does: the hook belongs to the scope around the plugin, and not to one of its own.
Object.assign(requireAgent, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'agent-identity-verifier',
});

const readRequest = (request: FastifyRequest) => readNodeRequest(request.raw, request.ip);
