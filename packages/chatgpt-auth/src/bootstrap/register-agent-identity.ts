import { generateAgentKey } from 'agent-identity-core';
import type { AgentBillOfMaterials, AgentIdentityRecord } from 'agent-identity-core/wire';
import {
  type AgentIdentityAuth,
  registerAgentRuntime,
  type StartAgentIdentityAuthOptions,
  startAgentIdentityAuth,
} from 'agent-identity-registry';
import type { AccountBinding } from '../account/account-binding.js';
import type { ChatgptAuthEffects } from '../runtime/runtime-effects.js';

/** What a bootstrap registers with. */
export interface RegistrationContext extends StartAgentIdentityAuthOptions {
  readonly abom: AgentBillOfMaterials;
}

/** The members that agent-identity-registry knows; it refuses others. */
export function registryOptions({
  authapiBaseUrl,
  allowPlainHttpHosts,
}: StartAgentIdentityAuthOptions): StartAgentIdentityAuthOptions {
  return { authapiBaseUrl, allowPlainHttpHosts };
}

/** Makes a key and registers a runtime for the account. The key is kept nowhere but in the record. */
export async function registerRecord(
  binding: AccountBinding,
  accessToken: string,
  context: RegistrationContext,
  effects: ChatgptAuthEffects,
): Promise<AgentIdentityRecord> {
  const agentKey = generateAgentKey();
  const { isFedramp } = binding;
  const { publicKey } = agentKey;
  const agentRuntimeId = await registerAgentRuntime(
    { ...registryOptions(context), abom: context.abom, accessToken, isFedramp, publicKey },
    effects,
  );
  return {
    agent_runtime_id: agentRuntimeId,
    agent_private_key: agentKey.toPkcs8Base64(),
    account_id: binding.accountId,
    chatgpt_user_id: binding.chatgptUserId,
    email: binding.email ?? '',
    plan_type: binding.planType,
    chatgpt_account_is_fedramp: isFedramp,
  };
}

/** The record with a task: its own, else one that is registered for it. */
export async function withRunTask(
  record: AgentIdentityRecord,
  options: StartAgentIdentityAuthOptions,
  effects: ChatgptAuthEffects,
): Promise<AgentIdentityRecord> {
  const auth: AgentIdentityAuth = await startAgentIdentityAuth(record, registryOptions(options), effects);
  return { ...record, task_id: auth.runTaskId };
}
