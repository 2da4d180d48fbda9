import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { AssertionVerifier } from '../assertion-verifier.js';
import { verificationError } from '../errors.js';
import type { VerifiedAgent } from '../verified-agent.js';
import type { Caller } from './caller.js';
import { createRequestAuthenticator } from './create-request-authenticator.js';
import type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';
import { readNodeRequest } from './node-request.js';

export type { BearerCaller, Caller } from './caller.js';
export { getCaller } from './caller.js';
export type { Decision, DecisionAgent } from './decision.js';
export { getVerifiedAgent } from './get-verified-agent.js';
export type { MiddlewareOptions, OrBearerOptions } from './middleware-options.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The agent that sent the request. Set by `requireAgent`; `getVerifiedAgent(request)` requires it. */
    agent: VerifiedAgent | null;
    /** Who sent the request, set by `requireAgent` with `orBearer`; `getCaller(request)` requires it. */
    caller?: Caller | null;
  }
}

/** Options for `requireAgent`. */
export interface RequireAgentOptions
  extends MiddlewareOptions<FastifyRequest>,
    OrBearerOptions<FastifyRequest> {
  readonly verifier: Pick<AssertionVerifier, 'verify'>;
}

/**
 * Fastify plugin for the scope that it is registered in, and for the scopes inside it. It puts the verified agent on
 * `request.agent`, and answers every other request with `verificationFailureResponse` before the body is read. Register
 * `@fastify/cors` before it: a CORS preflight has no assertion. The client address for the replay limiter is `request.ip`.
 *
 * It may also be registered in a nested scope; requests of that scope then pass both. Registration fails with
 * `invalid_argument` for invalid options, and if another plugin has added the request decorator `agent`. With `orBearer`,
 * `getCaller(request)` tells who sent the request; it uses the request decorator `caller`.
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
  addDecorator(fastify, 'agent');
  if (options.orBearer !== undefined) addDecorator(fastify, 'caller');
  fastify.addHook('onRequest', async (request, reply) => {
    const caller = await authenticate(request);
    const { agent = null, refusal } = caller;
    if (refusal !== undefined) {
      return reply.code(refusal.status).headers(refusal.headers).send(refusal.body);
    }
    request.agent = agent;
    if (options.orBearer !== undefined) request.caller = caller as Caller;
  });
};

// Like fastify-plugin: the hook belongs to the scope around the plugin, not to a new scope.
Object.assign(requireAgent, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'agent-identity-verifier',
});

/** Mark scopes that have our request decorators; nested scopes inherit both. */
const marks = {
  agent: Symbol.for('agent-identity-verifier.has-agent-decorator'),
  caller: Symbol.for('agent-identity-verifier.has-caller-decorator'),
};

function addDecorator(fastify: FastifyInstance, name: 'agent' | 'caller'): void {
  if (fastify.hasDecorator(marks[name])) return;
  if (fastify.hasRequestDecorator(name)) {
    throw verificationError(
      'invalid_argument',
      `fastify: another plugin has already added the request decorator "${name}"; register requireAgent in another scope`,
    );
  }
  fastify.decorateRequest(name, null);
  fastify.decorate(marks[name], true);
}

function readRequest(request: FastifyRequest) {
  return readNodeRequest(request.raw, request.ip);
}
