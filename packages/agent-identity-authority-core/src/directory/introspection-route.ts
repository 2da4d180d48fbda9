import { type AssertionVerifier, verificationFailureResponse } from 'agent-identity-verifier';
import { authorityError } from '../errors.js';
import type { Operation, Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-json-body.js';
import {
  type IntrospectionResponse,
  introspectionRequestSchema,
  introspectionResponseSchema,
} from './introspection-wire.js';

export interface IntrospectionParts {
  readonly verifier: AssertionVerifier;
}

const operation: Operation = {
  operationId: 'introspectAssertion',
  method: 'post',
  path: '/v1/directory/introspect',
  summary: 'Verifies an agent assertion for a service that does not do it itself',
  access: 'verifier',
  body: introspectionRequestSchema,
  answer: {
    description: 'Who acts, or what to answer instead. Good for this one request: nothing of it may be kept',
    schema: introspectionResponseSchema,
  },
  errors: [],
};

/** After RFC 7662. What is wrong with the assertion is an answer, and what is wrong with the request an error. */
export function introspectionRoute({ verifier }: IntrospectionParts): Route {
  return {
    operation,
    async handle(context) {
      const { assertion, account_id: accountId } = await readJsonBody(context, introspectionRequestSchema);
      return context.json(await introspect(verifier, assertion, accountId));
    },
  };
}

async function introspect(
  verifier: AssertionVerifier,
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
      iat: Date.parse(agent.signedAt) / 1000,
    };
  } catch (error) {
    const { status, body } = verificationFailureResponse(error);
    if (status === 503) {
      throw authorityError('store_unavailable', 'the store could not answer; try again', { retryable: true });
    }
    if (status >= 500) throw error;
    return {
      active: false,
      refusal: { status, code: body.error.code ?? 'refused', message: body.error.message },
    };
  }
}
