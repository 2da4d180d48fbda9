import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { AssertionVerifier } from '../assertion-verifier.js';
import { verificationError } from '../errors.js';
import type { VerifiedAgent } from '../verified-agent.js';
import { createRequestAuthenticator, type MiddlewareOptions } from './create-request-authenticator.js';
import { readNodeRequest } from './node-request.js';

export type { MiddlewareOptions } from './create-request-authenticator.js';
export { getVerifiedAgent } from './get-verified-agent.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The agent that sent the request. Set by `requireAgent`; `getVerifiedAgent(request)` requires it. */
    agent: VerifiedAgent | null;
  }
}

/** Options for `requireAgent`. */
export interface RequireAgentOptions extends MiddlewareOptions<FastifyRequest> {
  readonly verifier: Pick<AssertionVerifier, 'verify'>;
}

/**
 * Fastify plugin for the scope that it is registered in, and for the scopes inside it. It puts the verified agent on
 * `request.agent`, and answers every other request with `verificationFailureResponse` before the body is read. Register
 * `@fastify/cors` before it: a CORS preflight has no assertion. The client address for the replay limiter is `request.ip`.
 *
 * It may also be registered in a nested scope; requests of that scope then pass both. Registration fails with
 * `invalid_argument` for invalid options, and if another plugin has added the request decorator `agent`.
 *
 * @example
 * ```ts
 * import type { AssertionVerifier } from 'agent-identity-verifier';
 * import { requireAgent } from 'agent-identity-verifier/fastify';
 * import fastify from 'fastify';
 *
 * async function createApp(verifier: AssertionVerifier) {
 *   const app = fastify();
 *   await app.register(requireAgent, { verifier });
 *   app.get('/whoami', async (request) => request.agent);
 *   return app;
 * }
 * ```
 */
export const requireAgent: FastifyPluginAsync<RequireAgentOptions> = async (
  fastify,
  { verifier, ...options },
) => {
  const authenticate = createRequestAuthenticator(verifier, options, readRequest);
  addAgentDecorator(fastify);
  fastify.addHook('onRequest', async (request, reply) => {
    const { agent, refusal } = await authenticate(request);
    if (refusal !== undefined) {
      return reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
    }
    request.agent = agent;
  });
};

// Like fastify-plugin: the hook belongs to the scope around the plugin, not to a new scope.
Object.assign(requireAgent, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'agent-identity-verifier',
});

/** Marks scopes that have our request decorator; nested scopes inherit both. */
const hasAgentDecorator = Symbol.for('agent-identity-verifier.has-agent-decorator');

function addAgentDecorator(fastify: FastifyInstance): void {
  if (fastify.hasDecorator(hasAgentDecorator)) return;
  if (fastify.hasRequestDecorator('agent')) {
    throw verificationError(
      'invalid_argument',
      'fastify: another plugin has already added the request decorator "agent"; register requireAgent in another scope',
    );
  }
  fastify.decorateRequest('agent', null);
  fastify.decorate(hasAgentDecorator, true);
}

function readRequest(request: FastifyRequest) {
  return readNodeRequest(request.raw, request.ip);
}
