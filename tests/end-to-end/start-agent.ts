import { type Clock, generateAgentKey } from 'agent-identity-core';
import {
  type AgentIdentityAuth,
  createAgentIdentityRecord,
  registerAgentRuntime,
  startAgentIdentityAuth,
} from 'agent-identity-registry';

/** The access token of the account that owns the agents. */
export const accessToken = 'access-token-of-an-account';
export const account = {
  accountId: 'account-1',
  chatgptUserId: 'user-1',
  planType: 'business',
  isFedramp: false,
};

/** Registers a runtime and the task of its run with an authority. */
export async function startAgent(
  authapiBaseUrl: string,
  clock: Clock = Date.now,
): Promise<AgentIdentityAuth> {
  const agentKey = generateAgentKey();
  const { publicKey } = agentKey;
  const abom = { agent_version: '1.0.0', agent_harness_id: 'test', running_location: 'cli-linux' };
  const registration = { authapiBaseUrl, accessToken, isFedramp: false, publicKey, abom };
  const agentRuntimeId = await registerAgentRuntime(registration, { clock });
  const record = createAgentIdentityRecord({ agentRuntimeId, agentKey, account });
  return startAgentIdentityAuth(record, { authapiBaseUrl }, { clock });
}
