import { isAgentIdentityError } from 'agent-identity-core';
import {
  type AgentRegistrationResponse,
  agentRegistrationRequestSchema,
  agentRegistrationResponseSchema,
} from 'agent-identity-core/wire';
import type { AgentAccount } from '../authentication/agent-account.js';
import type { Authenticator } from '../authentication/authenticator.js';
import { authenticateBearer } from '../authentication/bearer-token.js';
import { findRegistrant } from '../enrollment/enrollment.js';
import { readEnrollmentToken } from '../enrollment/enrollment-token.js';
import type { Operation, Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-input.js';
import type { OnFailure } from '../to-unavailable.js';
import { type RuntimeRegistrar, registerAgentRuntime } from './register-agent-runtime.js';

export interface AgentRegistrationParts extends RuntimeRegistrar {
  readonly authenticator: Authenticator;
  readonly onFailure: OnFailure;
}

const operation: Operation = {
  operationId: 'registerAgentRuntime',
  method: 'post',
  path: '/v1/agent/register',
  summary: 'Registers an agent runtime for the account of the access token',
  access: 'account',
  body: agentRegistrationRequestSchema,
  response: {
    description: 'The runtime of the key; registering the key again returns the same one',
    schema: agentRegistrationResponseSchema,
  },
  errors: [
    'invalid_agent_public_key',
    'agent_public_key_taken',
    'agent_runtime_deleted',
    'agent_runtime_expired',
    'agent_runtime_suspended',
    'enrollment_token_used',
    'authenticator_unavailable',
  ],
};

/** Creates the route of docs/protocol.md section 4. It checks the token first, so strangers learn nothing about bodies. */
export function createAgentRegistrationRoute({
  authenticator,
  onFailure,
  ...registrar
}: AgentRegistrationParts): Route {
  return {
    operation,
    async handle(context) {
      const authorization = context.req.header('authorization');
      const enrollmentToken = readEnrollmentToken(authorization);
      const registrant =
        enrollmentToken === undefined
          ? { account: await authenticateBearer(authorization, authenticator, onFailure) }
          : await findRegistrant(enrollmentToken, registrar);
      const request = await readJsonBody(context, agentRegistrationRequestSchema);
      const agentRuntimeId = await registerAgentRuntime(registrant, request, registrar).catch(
        async (error) => {
          // A token that was revoked meanwhile was used by nobody.
          const isUsed = isAgentIdentityError(error, 'enrollment_token_used');
          if (isUsed && enrollmentToken !== undefined) await findRegistrant(enrollmentToken, registrar);
          throw error;
        },
      );
      const response: AgentRegistrationResponse = {
        agent_runtime_id: agentRuntimeId,
        account: fromAccount(registrant.account),
      };
      return context.json(response);
    },
  };
}

/** So that an agent with a token only can write its record. Not in the protocol (docs/protocol.md, Additions). */
function fromAccount(account: AgentAccount): AgentRegistrationResponse['account'] {
  return {
    account_id: account.accountId,
    chatgpt_user_id: account.chatgptUserId,
    email: account.email ?? '',
    plan_type: account.planType,
    chatgpt_account_is_fedramp: account.isFedramp,
  };
}
