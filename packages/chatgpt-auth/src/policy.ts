/**
 * Who may have an agent identity (docs/protocol.md section 9): with `jwt-only`, the default, only credentials that already are
 * one; with `chatgpt-auth`, managed ChatGPT auth may also reuse or register one.
 */
export type AgentIdentityPolicy = 'jwt-only' | 'chatgpt-auth';

/** The policy that the feature flag `use_agent_identity` stands for; a flag that is unset is off. */
export function policyOfFeature(useAgentIdentity: boolean | undefined): AgentIdentityPolicy {
  return useAgentIdentity === true ? 'chatgpt-auth' : 'jwt-only';
}
