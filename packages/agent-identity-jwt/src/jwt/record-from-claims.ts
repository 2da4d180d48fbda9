import {
  type AgentIdentityClaims,
  type AgentIdentityRecord,
  hideKeyFromInspect,
} from 'agent-identity-core/wire';

/**
 * The record of a ready identity, as `startAgentIdentityAuth` and `auth.json` take it (docs/protocol.md sections 7 and 9): no
 * e-mail is `""`, and there is no task yet.
 *
 * @param claims Verified ones.
 * @returns **secret**, as it holds the agent's private key; Node's inspect does not show it
 */
export function recordFromClaims(claims: AgentIdentityClaims): AgentIdentityRecord {
  return hideKeyFromInspect({
    agent_runtime_id: claims.agent_runtime_id,
    agent_private_key: claims.agent_private_key,
    account_id: claims.account_id,
    chatgpt_user_id: claims.chatgpt_user_id,
    email: claims.email ?? '',
    plan_type: claims.plan_type,
    chatgpt_account_is_fedramp: claims.chatgpt_account_is_fedramp,
  });
}
