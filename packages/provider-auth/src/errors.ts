import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of provider-auth. The codes of other packages pass through: `insecure_url`, `invalid_base_url` and
 * `invalid_agent_key` of agent-identity-core, the codes of agent-identity-jwt and agent-identity-registry, and those of
 * chatgpt-auth except `agent_identity_unavailable`, which engages the bearer fallback instead.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an argument is unknown, of the wrong type or outside its range |
 * | `unknown_provider` | not the result of `defineProvider`, or a provider of an unknown kind |
 * | `empty_credentials` | a key or token is empty or blank |
 * | `jwt_as_bearer` | an Agent Identity JWT, or a part of one, where a key or token is sent as it is |
 * | `conflicting_credentials` | more than one credential was given as an option |
 * | `unsupported_credentials` | the store holds credentials of a mode that cannot sign or authenticate requests |
 * | `no_credentials` | a first-party provider was resolved, and the session has no credentials |
 * | `outside_provider` | credentials were requested for a URL that is not the provider's |
 * | `redirect_failed` | a redirect cannot be followed: a loop, another scheme, or a body that cannot be sent again |
 * | `agent_runtime_deleted` | the server said that the agent runtime is deleted; nothing more is sent for it (docs/protocol.md section 11) |
 * | `invalid_agent_runtime_id` | the AuthAPI does not know the agent runtime; nothing more is sent for it (docs/protocol.md section 11) |
 * | `cannot_register_instance` | an Agent Identity JWT or record, which cannot register a runtime agent instance |
 * | `unsupported_instance_host` | an OpenAI host that takes no assertion of the instance (docs/protocol-instances.md section 4) |
 * | `runtime_instance_revoked` | the server said that the runtime agent instance is revoked; nothing more is sent with its credential |
 * | `runtime_assertion_invalid` | the server said that the instance's assertion is invalid; nothing more is sent with its credential |
 * | `signature_not_prepared` | the key lives outside of this process, and `prepare` was not awaited before the headers were requested |
 * | `task_replaced` | only as the reason of a `closeSignal`: the connection's task was replaced, so open the connection again |
 */
export type ProviderAuthErrorCode =
  | 'invalid_argument'
  | 'unknown_provider'
  | 'empty_credentials'
  | 'jwt_as_bearer'
  | 'conflicting_credentials'
  | 'unsupported_credentials'
  | 'no_credentials'
  | 'outside_provider'
  | 'redirect_failed'
  | 'agent_runtime_deleted'
  | 'invalid_agent_runtime_id'
  | 'cannot_register_instance'
  | 'unsupported_instance_host'
  | 'runtime_instance_revoked'
  | 'runtime_assertion_invalid'
  | 'signature_not_prepared'
  | 'task_replaced';

/** An error that this package throws itself. */
export type ProviderAuthError = AgentIdentityError<ProviderAuthErrorCode>;

/** Creates an `AgentIdentityError` of this package. */
export function providerAuthError(
  code: ProviderAuthErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): ProviderAuthError {
  return new AgentIdentityError(code, message, options);
}
