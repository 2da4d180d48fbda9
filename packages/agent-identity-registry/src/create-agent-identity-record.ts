import type { AgentKey } from 'agent-identity-core';
import { requireKnownOptions, requireMethods } from 'agent-identity-core/http';
import {
  type AgentIdentityRecord,
  agentIdentityRecordSchema,
  explainSchemaError,
  hideKeyFromInspect,
} from 'agent-identity-core/wire';
import { registryError } from './errors.js';

/** The ChatGPT account that an agent acts for (docs/protocol.md section 9). */
export interface AgentIdentityAccount {
  readonly accountId: string;
  readonly chatgptUserId: string;
  /** Default: none. */
  readonly email?: string | null | undefined;
  /** Any plan, also one that this version does not know. */
  readonly planType: string;
  readonly isFedramp: boolean;
}

/** Options for {@link createAgentIdentityRecord}. */
export interface CreateAgentIdentityRecordOptions {
  /** The id from `registerAgentRuntime`. */
  readonly agentRuntimeId: string;
  /** The key whose public half was registered. */
  readonly agentKey: AgentKey;
  readonly account: AgentIdentityAccount;
}

/**
 * Creates the record of a registered runtime, in the form that `auth.json` stores (docs/protocol.md section 9), without
 * a task.
 *
 * @returns **Secret.** The record contains the private key. Node's `inspect` does not show it, but its JSON contains it.
 * @throws AgentIdentityError `invalid_argument`, `invalid_agent_identity_record`
 * @example
 * ```ts
 * import { generateAgentKey } from 'agent-identity-core';
 * import { createAgentIdentityRecord } from 'agent-identity-registry';
 *
 * const record = createAgentIdentityRecord({
 *   agentRuntimeId: 'agent-1', // from registerAgentRuntime
 *   agentKey: generateAgentKey(),
 *   account: { accountId: 'account-1', chatgptUserId: 'user-1', planType: 'pro', isFedramp: false },
 * });
 * ```
 */
export function createAgentIdentityRecord(options: CreateAgentIdentityRecordOptions): AgentIdentityRecord {
  requireKnownOptions(options, ['agentRuntimeId', 'agentKey', 'account'], 'options');
  const { agentRuntimeId, agentKey, account } = options;
  requireMethods(agentKey, ['sign', 'toPkcs8Base64'], 'agentKey', 'an AgentKey');
  requireKnownOptions(account, ['accountId', 'chatgptUserId', 'email', 'planType', 'isFedramp'], 'account');
  const members = {
    agent_runtime_id: agentRuntimeId,
    agent_private_key: agentKey.toPkcs8Base64(),
    account_id: account.accountId,
    chatgpt_user_id: account.chatgptUserId,
    email: account.email ?? '',
    plan_type: account.planType,
    chatgpt_account_is_fedramp: account.isFedramp,
  };
  const record = agentIdentityRecordSchema.safeParse(members);
  if (record.success) return hideKeyFromInspect(record.data);
  throw registryError(
    'invalid_agent_identity_record',
    explainSchemaError(record.error, members, 'agent_identity'),
  );
}
