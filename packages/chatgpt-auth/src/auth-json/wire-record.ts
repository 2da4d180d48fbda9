import type { AgentIdentityRecord } from 'agent-identity-core/wire';

/**
 * A record as it is stored: its members in the order of the published client, without a task id while there is none.
 */
export function wireRecord(record: AgentIdentityRecord): AgentIdentityRecord {
  return {
    agent_runtime_id: record.agent_runtime_id,
    agent_private_key: record.agent_private_key,
    account_id: record.account_id,
    chatgpt_user_id: record.chatgpt_user_id,
    email: record.email,
    plan_type: record.plan_type,
    chatgpt_account_is_fedramp: record.chatgpt_account_is_fedramp,
    ...(record.task_id === undefined ? {} : { task_id: record.task_id }),
  };
}
