import {
  type AssertionVerifier,
  type VerifiedAgentRuntime,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import { authorityError } from '../errors.js';
import type { Operation, Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-input.js';
import {
  type IntrospectionResponse,
  introspectionRequestSchema,
  introspectionResponseSchema,
} from './introspection-wire.js';

export interface IntrospectionParts {
  readonly verifier: AssertionVerifier<VerifiedAgentRuntime>;
}

const operation: Operation = {
  operationId: 'introspectAssertion',
  method: 'post',
  path: '/v1/directory/introspect',
  summary: 'Verifies an agent assertion for a service that does not verify it itself',
  access: 'verifier',
  body: introspectionRequestSchema,
  response: {
    description:
      'The verified agent, or the refusal to respond with. Valid for this one request: do not cache it',
    schema: introspectionResponseSchema,
  },
  errors: [],
};

/** Creates the introspection route, modeled on RFC 7662. An invalid assertion is a 200; an invalid request is an error. */
export function createIntrospectionRoute({ verifier }: IntrospectionParts): Route {
  return {
    operation,
    async handle(context) {
      const { assertion, account_id: accountId } = await readJsonBody(context, introspectionRequestSchema);
      return context.json(await introspect(verifier, assertion, accountId));
    },
  };
}

async function introspect(
  verifier: AssertionVerifier<VerifiedAgentRuntime>,
  assertion: string,
  accountId: string | null | undefined,
): Promise<IntrospectionResponse> {
  try {
    const agent = await verifier.verify(assertion, { accountId });
    return {
      active: true,
      agent_runtime_id: agent.agentRuntimeId,
      task_id: agent.taskId,
      account_id: agent.accountId,
      scope: agent.capabilities.join(' '),
      iat: Date.parse(agent.signedAt) / 1000,
    };
  } catch (error) {
    const { status, body } = verificationFailureResponse(error);
    if (status === 503) {
      throw authorityError('store_unavailable', 'The store did not answer; try again.', { retryable: true });
    }
    if (status >= 500) throw error;
    return {
      active: false,
      refusal: { status, code: body.error.code ?? 'refused', message: body.error.message },
    };
  }
}
