import { type AgentKey, readAgentKey } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { fixedAgent } from 'test-support';

export const agentKey: AgentKey = readAgentKey(fixedAgent.pkcs8);
export const otherPkcs8 = 'MC4CAQAwBQYDK2VwBCIEIHBnbkPpGuG/zlsqtNsbAWq5WfBjQRhLAbXOk1IsDakX';

/** What `agent-123` sends at `fixedAgent.signedAt`. */
export const registrationBody: string = JSON.stringify({
  timestamp: fixedAgent.timestamp,
  signature: fixedAgent.registrationSignature,
});

/** Without a task. */
export const record: AgentIdentityRecord = {
  agent_runtime_id: fixedAgent.agentRuntimeId,
  agent_private_key: fixedAgent.pkcs8,
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: 'someone@example.test',
  plan_type: 'pro',
  chatgpt_account_is_fedramp: false,
};
