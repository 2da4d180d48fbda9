import { requireKnownOptions } from 'agent-identity-core/http';
import type { AssertionVerifier } from '../assertion-verifier.js';
import { createAgentAuthenticator } from '../middleware/create-request-authenticator.js';
import type { WithAgentOptions } from '../middleware/fetch.js';
import { readFetchRequest } from '../middleware/fetch-request.js';
import { middlewareOptionNames } from '../middleware/middleware-options.js';
import { createFactWriter, type FactHeaders } from './fact-headers.js';
import { readForwardedRequest } from './forwarded-request.js';
import { type ForwardAuthRule, parseRules } from './rules.js';

/** Options for `forwardAuth`. */
export interface ForwardAuthOptions extends WithAgentOptions {
  /** The first rule that matches a request decides. A request that no rule matches is refused. */
  readonly rules: readonly ForwardAuthRule[];
  /** Other names for the headers of facts; `false` leaves one out. Default: `x-agent-id`, `x-agent-account-id` and so on. */
  readonly headers?: Partial<FactHeaders> | undefined;
}

/**
 * Creates a handler that answers proxies: nginx `auth_request`, Caddy `forward_auth`, Traefik, HAProxy, Envoy `ext_authz`. The
 * proxy sends it the headers of each request, and in `X-Forwarded-Method`, `X-Forwarded-Host` and `X-Forwarded-Uri` what the
 * request is. It lets the request through if the answer is a 200.
 *
 * - 200: the facts of the agent in headers, percent-encoded, empty where there is none. The proxy must replace headers of
 *   the same names that the client sent; docs/verifier.md shows how.
 * - every other status: `verificationFailureResponse`, with the code also in `x-agent-error`, because proxies drop bodies.
 *   403 `request_not_allowed` if no rule lets the agent through; 500 if the proxy does not send what the request is.
 *
 * Only the proxy may reach it: whoever can send it a request decides what that request is said to be.
 *
 * @returns a handler that never rejects
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import type { AssertionVerifier } from 'agent-identity-verifier';
 * import { forwardAuth } from 'agent-identity-verifier/forward-auth';
 *
 * const createHandler = (verifier: AssertionVerifier) =>
 *   forwardAuth(verifier, {
 *     rules: [
 *       { host: 'models.example.com', methods: ['POST'], path: '/v1/responses' },
 *       { host: 'tools.example.com', path: '/**', accounts: ['account-1'] },
 *     ],
 *   });
 * ```
 */
export function forwardAuth(
  verifier: Pick<AssertionVerifier, 'verify'>,
  options: ForwardAuthOptions,
): (request: Request) => Promise<Response> {
  requireKnownOptions(options, ['rules', 'headers', ...middlewareOptionNames], 'options');
  const { rules, headers: headerNames = {}, ...middlewareOptions } = options;
  const requireAllowed = parseRules(rules);
  const writeFacts = createFactWriter(headerNames);
  const authenticate = createAgentAuthenticator(
    verifier,
    middlewareOptions,
    readFetchRequest,
    ({ headers }, agent) => requireAllowed(readForwardedRequest(headers), agent),
  );
  return async (request) => {
    const { agent, refusal } = await authenticate(request);
    if (refusal !== undefined) {
      const { status, headers, body } = refusal;
      return Response.json(body, { status, headers: { ...headers, 'x-agent-error': body.error.code } });
    }
    return new Response(null, { headers: { 'cache-control': 'no-store', ...writeFacts(agent) } });
  };
}
