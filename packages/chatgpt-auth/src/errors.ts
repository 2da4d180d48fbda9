import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of chatgpt-auth. Errors of a registration that was sent and is final, and of the AuthAPI's URL, pass
 * through as agent-identity-registry made them.
 *
 * | code | retryable | meaning |
 * |---|---|---|
 * | `invalid_option` | no | an option is of the wrong type or outside its range |
 * | `invalid_config` | no | `config.toml` is not TOML, or a setting in it is of the wrong type |
 * | `unreadable_auth_file` | no | the stored document cannot be read, is not JSON or not of the schema; it is left as it is |
 * | `unwritable_auth_file` | no | the stored document could not be replaced; it is as it was |
 * | `lock_unavailable` | yes | another process held the lock for too long, or no lock can be had at this place |
 * | `keyring_unavailable` | no | there is no OS keyring, or it refuses |
 * | `logged_out` | no | the credentials are gone from the store; nothing was written |
 * | `account_changed` | no | the store holds another account or another kind of credentials by now; nothing was written |
 * | `workspace_not_allowed` | no | the credentials are not of a workspace that `forcedWorkspaceIds` allows |
 * | `incomplete_chatgpt_auth` | no | the id token names no user, or nothing names an account (docs/protocol.md section 9) |
 * | `not_chatgpt_auth` | no | a bearer token was asked of credentials that are not ChatGPT's |
 * | `token_refresh_rejected` | no | the refresh token is spent, expired or revoked: remembered, and not asked again |
 * | `token_refresh_failed` | see there | the refresh did not work out; retryable for 429, 5xx and a failed connection |
 * | `agent_identity_unavailable` | yes | 3 attempts to register failed, or others held the lock for it too long; shared for an hour, without a request meanwhile |
 */
export type ChatgptAuthErrorCode =
  | 'invalid_option'
  | 'invalid_config'
  | 'unreadable_auth_file'
  | 'unwritable_auth_file'
  | 'lock_unavailable'
  | 'keyring_unavailable'
  | 'logged_out'
  | 'account_changed'
  | 'workspace_not_allowed'
  | 'incomplete_chatgpt_auth'
  | 'not_chatgpt_auth'
  | 'token_refresh_rejected'
  | 'token_refresh_failed'
  | 'agent_identity_unavailable';

/** An `AgentIdentityError` of this package; its code is of the closed union above. */
export function chatgptAuthError(
  code: ChatgptAuthErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<ChatgptAuthErrorCode> {
  return new AgentIdentityError(code, message, options);
}
