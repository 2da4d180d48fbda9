import { isAgentIdentityError } from 'agent-identity-core';

/** Whether a refresh failed in a way that leaves an unexpired access token usable. */
export function isRefreshFailure(error: unknown): boolean {
  return isAgentIdentityError(
    error,
    'token_refresh_rejected',
    'token_refresh_failed',
    'lock_unavailable',
    'unwritable_auth_file',
    'unreadable_auth_file',
    'keyring_unavailable',
  );
}

/** Whether the store no longer holds the login that was opened. */
export function isLoginGone(error: unknown): boolean {
  return isAgentIdentityError(
    error,
    'logged_out',
    'account_changed',
    'workspace_not_allowed',
    'login_method_not_allowed',
  );
}
