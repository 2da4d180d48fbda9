import {
  type AgentIdentityClaims,
  type AgentIdentityRecord,
  hideKeyFromInspect,
} from 'agent-identity-core/wire';

/**
 * Creates the record of an identity from its claims, in the form that `auth.json` and `readAgentIdentity` read
 * (docs/protocol.md sections 7 and 9). A missing email is `""`. There is no task yet.
 *
 * @param claims From `verifyAgentIdentityJwt`.
 * @returns **Secret.** The record contains the agent's private key. Node's `inspect` does not show it.
 * @example
 * ```ts
 * import { type JwksSource, recordFromClaims, verifyAgentIdentityJwt } from 'agent-identity-jwt';
 *
 * async function readRecord(jwt: string, jwks: JwksSource) {
 *   return recordFromClaims(await verifyAgentIdentityJwt(jwt, { jwks }));
 * }
 * ```
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
