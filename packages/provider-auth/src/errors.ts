import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of provider-auth. Those of the packages beneath pass through: `insecure_url` and `invalid_agent_key`
 * of agent-identity-core, every code of agent-identity-jwt and agent-identity-registry from loading and bootstrapping,
 * and those of chatgpt-auth but `agent_identity_unavailable`, which becomes the bearer fallback.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an option is of the wrong type or outside its range |
 * | `unknown_provider` | not a provider that `defineProvider` made, or of a kind that it does not know |
 * | `invalid_base_url` | the base URL of a provider has a query or a fragment |
 * | `empty_credentials` | a key or token is there, but blank: an empty credential is never sent |
 * | `jwt_as_bearer` | an Agent Identity JWT, or what looks like one, stands where a key or token is sent as it is |
 * | `conflicting_credentials` | more than one credential was given as an option |
 * | `unsupported_credentials` | the store holds credentials of a mode that nothing can be signed with |
 * | `no_credentials` | a first-party provider was asked for, and there is nothing to authenticate with |
 * | `outside_provider` | credentials were asked for a URL that is not the provider's |
 * | `redirect_failed` | a redirect cannot be followed: a loop, another scheme, or a body that cannot be sent again |
 * | `agent_runtime_deleted` | the server said that the agent runtime is deleted: nothing more is sent (docs/protocol.md section 11) |
 * | `invalid_agent_runtime_id` | the AuthAPI knows no such runtime: nothing more is sent (docs/protocol.md section 11) |
 * | `task_replaced` | the reason of a `closeSignal`: a connection's task was replaced, so it is to be opened anew |
 */
export type ProviderAuthErrorCode =
  | 'invalid_argument'
  | 'unknown_provider'
  | 'invalid_base_url'
  | 'empty_credentials'
  | 'jwt_as_bearer'
  | 'conflicting_credentials'
  | 'unsupported_credentials'
  | 'no_credentials'
  | 'outside_provider'
  | 'redirect_failed'
  | 'agent_runtime_deleted'
  | 'invalid_agent_runtime_id'
  | 'task_replaced';

/** What this package throws itself; its code is of the closed union above. */
export type ProviderAuthError = AgentIdentityError<ProviderAuthErrorCode>;

export function providerAuthError(
  code: ProviderAuthErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): ProviderAuthError {
  return new AgentIdentityError(code, message, options);
}
