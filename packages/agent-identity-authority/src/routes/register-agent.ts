import type { Clock } from 'agent-identity-core';
import { agentRegistrationRequestSchema } from 'agent-identity-core/wire';
import type { Handler } from 'hono';
import type { Authenticator } from '../authentication/authenticator.js';
import { authenticateBearer } from '../authentication/bearer-token.js';
import type { OnFailure } from '../guarded.js';
import { readJsonBody } from '../http/read-json-body.js';
import { registerAgentRuntime } from '../register-agent-runtime.js';
import type { AuthorityStore } from '../store/authority-store.js';

export interface AgentRegistrationRoute {
  readonly store: AuthorityStore;
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  readonly onFailure: OnFailure;
}

/** `POST /v1/agent/register` (protocol section 4): the token first, so that strangers learn nothing about bodies. */
export function serveAgentRegistration({
  store,
  authenticator,
  clock,
  onFailure,
}: AgentRegistrationRoute): Handler {
  return async (context) => {
    const account = await authenticateBearer(context.req.header('authorization'), authenticator, onFailure);
    const request = await readJsonBody(context, agentRegistrationRequestSchema);
    return context.json({ agent_runtime_id: await registerAgentRuntime(account, request, { store, clock }) });
  };
}
