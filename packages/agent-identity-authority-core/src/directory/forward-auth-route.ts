import type { AssertionVerifier, VerifiedAgentRuntime } from 'agent-identity-verifier';
import { type ForwardAuthOptions, forwardAuth } from 'agent-identity-verifier/forward-auth';
import * as z from 'zod';
import type { Operation, Route } from '../http/operation.js';

/** What proxies are answered by. See `forwardAuth` of agent-identity-verifier. */
export type ForwardAuthSettings = Pick<ForwardAuthOptions, 'rules' | 'headers'>;

/** Dependencies of the route for proxies. */
export interface ForwardAuthParts {
  readonly verifier: AssertionVerifier<VerifiedAgentRuntime>;
  readonly forwardAuth: ForwardAuthSettings;
}

/** The OpenAPI document leaves it out: proxies are configured, not programmed. */
const operation: Operation = {
  operationId: 'forwardAuth',
  method: 'get',
  path: '/v1/forward-auth',
  summary: 'Answers a reverse proxy: which agent sent the request, and may it',
  access: 'agent',
  response: { description: 'The facts of the agent in headers', schema: z.unknown() },
  errors: [],
};

/** @throws AgentIdentityError `invalid_argument` for rules or headers that cannot be used */
export function createForwardAuthRoute({ verifier, forwardAuth: settings }: ForwardAuthParts): Route {
  const handle = forwardAuth(verifier, settings);
  return { operation, handle: (context) => handle(context.req.raw) };
}
