import { agentRegistrationRequestSchema, agentRegistrationResponseSchema } from 'agent-identity-core/wire';
import type { Authenticator } from '../authentication/authenticator.js';
import { authenticateBearer } from '../authentication/bearer-token.js';
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
      const account = await authenticateBearer(context.req.header('authorization'), authenticator, onFailure);
      const request = await readJsonBody(context, agentRegistrationRequestSchema);
      return context.json({
        agent_runtime_id: await registerAgentRuntime(account, request, registrar),
      });
    },
  };
}
