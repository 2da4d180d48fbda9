import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of chatgpt-auth. Errors about the AuthAPI's URL and about a permanently refused registration pass through
 * from agent-identity-registry unchanged, and so does `insecure_url` of agent-identity-core.
 *
 * | code | retryable | meaning |
 * |---|---|---|
 * | `invalid_argument` | no | an argument is of the wrong type, outside its range, or unknown |
 * | `invalid_config` | no | `config.toml`, requirements or the cloud config bundle cannot be parsed, or a setting is of the wrong type |
 * | `invalid_access_token` | no | an environment variable holds neither a personal access token nor an Agent Identity JWT |
 * | `unreadable_auth_file` | no | the stored document cannot be read, is not JSON or not of the schema; it is not changed |
 * | `unwritable_auth_file` | no | the stored document cannot be replaced; it is unchanged |
 * | `unreadable_installation_id` | no | `installation_id` is a folder, is not UTF-8 or cannot be read; it is not changed |
 * | `unwritable_installation_id` | no | `installation_id` cannot be created or replaced |
 * | `runtime_mode_not_allowed` | no | the configured mode of runtime agent instances is not the one that requirements set |
 * | `encrypted_auth_storage` | no | the credentials are in `secrets/codex_auth.age`, which this package cannot read |
 * | `lock_unavailable` | yes | another process held the lock for too long, or the folder does not support locks |
 * | `keyring_unavailable` | no | there is no OS keyring, or it refuses |
 * | `logged_out` | no | the credentials are gone from the store; nothing was written |
 * | `account_changed` | no | the store now holds another account or another kind of credentials; nothing was written |
 * | `workspace_not_allowed` | no | the credentials do not belong to a workspace of `forcedWorkspaceIds` |
 * | `login_method_not_allowed` | no | `forcedLoginMethod` does not allow this kind of credentials |
 * | `incomplete_chatgpt_auth` | no | the id token names no user, or nothing names an account (docs/protocol.md section 9) |
 * | `not_chatgpt_auth` | no | the credentials have no ChatGPT bearer token |
 * | `token_refresh_rejected` | no | the refresh token is spent, expired or revoked; remembered, and not sent again |
 * | `token_refresh_failed` | for 429, 5xx and a failed connection | the refresh did not succeed |
 * | `whoami_rejected` | no | the personal access token is not valid |
 * | `whoami_failed` | for 429, 5xx and a failed connection | the lookup of a personal access token did not succeed |
 * | `agent_identity_unavailable` | yes | 3 attempts to register failed, or others held the lock too long; shared for an hour without a request |
 * | `agent_runtime_deleted`, `invalid_agent_runtime_id` | no | a server said so of the stored runtime; remembered with it, and nothing is sent for it (docs/protocol.md section 11) |
 */
export type ChatgptAuthErrorCode =
  | 'invalid_argument'
  | 'invalid_config'
  | 'invalid_access_token'
  | 'unreadable_auth_file'
  | 'unwritable_auth_file'
  | 'unreadable_installation_id'
  | 'unwritable_installation_id'
  | 'runtime_mode_not_allowed'
  | 'encrypted_auth_storage'
  | 'lock_unavailable'
  | 'keyring_unavailable'
  | 'logged_out'
  | 'account_changed'
  | 'workspace_not_allowed'
  | 'login_method_not_allowed'
  | 'incomplete_chatgpt_auth'
  | 'not_chatgpt_auth'
  | 'token_refresh_rejected'
  | 'token_refresh_failed'
  | 'whoami_rejected'
  | 'whoami_failed'
  | 'agent_identity_unavailable'
  | 'agent_runtime_deleted'
  | 'invalid_agent_runtime_id';

/** Creates an `AgentIdentityError` of this package. */
export function chatgptAuthError<Code extends ChatgptAuthErrorCode>(
  code: Code,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<Code> {
  return new AgentIdentityError(code, message, options);
}
