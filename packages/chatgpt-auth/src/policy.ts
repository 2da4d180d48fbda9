/**
 * Who may have an agent identity (docs/protocol.md section 9). With `jwt-only`, the default, only credentials that
 * already are one. With `chatgpt-auth`, a managed ChatGPT login may also reuse or register one.
 */
export type AgentIdentityPolicy = 'jwt-only' | 'chatgpt-auth';

/**
 * The policy for the published client's feature flag `use_agent_identity`. An unset flag is off.
 *
 * @example
 * ```ts
 * import { policyForFeature } from 'chatgpt-auth';
 *
 * policyForFeature(true); // 'chatgpt-auth'
 * ```
 */
export function policyForFeature(useAgentIdentity: boolean | undefined): AgentIdentityPolicy {
  return useAgentIdentity === true ? 'chatgpt-auth' : 'jwt-only';
}
