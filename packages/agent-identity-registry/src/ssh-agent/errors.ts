import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of agent-identity-registry/ssh-agent. If a signer fails, its callers get `signer_unavailable` of
 * agent-identity-core, with one of these as its `cause`.
 *
 * | code | retryable | meaning |
 * |---|---|---|
 * | `ssh_agent_unavailable` | yes | nothing listens at the socket, or the connection broke |
 * | `ssh_agent_key_not_found` | yes | the agent does not hold the key, or is locked: it then lists no keys |
 * | `ssh_agent_refused` | yes | the agent refused to sign or to list its keys, such as when a person denied it |
 * | `malformed_ssh_agent_response` | no | the socket speaks another protocol |
 */
export type SshAgentErrorCode =
  | 'ssh_agent_unavailable'
  | 'ssh_agent_key_not_found'
  | 'ssh_agent_refused'
  | 'malformed_ssh_agent_response';

/** Creates an error of this subpath. */
export function sshAgentError(
  code: SshAgentErrorCode,
  message: string,
  options: AgentIdentityErrorOptions = {},
): AgentIdentityError<SshAgentErrorCode> {
  const retryable = code !== 'malformed_ssh_agent_response';
  return new AgentIdentityError(code, `ssh-agent: ${message}`, { retryable, ...options });
}
