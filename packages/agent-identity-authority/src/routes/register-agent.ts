import type { Clock } from 'agent-identity-core';
import { agentRegistrationRequestSchema } from 'agent-identity-core/wire';
import type { Handler } from 'hono';
import type { AgentAccount } from '../agent-account.js';
import type { Authenticator } from '../authenticator.js';
import { authorityError } from '../errors.js';
import { guarded, type OnFailure } from '../guarded.js';
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
    const account = await authenticatedAccount(context.req.header('authorization'));
    const request = await readJsonBody(context, agentRegistrationRequestSchema);
    return context.json({ agent_runtime_id: await registerAgentRuntime(account, request, { store, clock }) });
  };

  async function authenticatedAccount(authorization: string | undefined): Promise<AgentAccount> {
    const accessToken = /^Bearer +([\w\-.~+/]+=*)$/i.exec(authorization ?? '')?.[1];
    const account =
      accessToken !== undefined &&
      (await guarded('authenticator_unavailable', () => authenticator.authenticate(accessToken), onFailure));
    if (!account) throw authorityError('invalid_access_token', 'A valid access token is required.');
    return account;
  }
}
