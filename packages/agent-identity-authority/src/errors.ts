import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of agent-identity-authority. Over HTTP they are the `error.code` of the body, with the status here.
 *
 * | code | status | meaning |
 * |---|---|---|
 * | `invalid_argument` | | an argument of a call is of the wrong type or outside its range |
 * | `invalid_configuration` | | the command line, the environment or the file says what does not fit |
 * | `unsafe_configuration` | | it fits, but would be open to others, such as development tokens on a public address |
 * | `authority_refused`, `authority_unreachable` | | a running authority did not do what the command line asked of it |
 * | `audit_log_broken` | | the verification of the audit log found something |
 * | `unsupported_store_url` | | `openStore` knows no store for this URL |
 * | `master_key_required` | | a store that outlives the process was opened without a master key |
 * | `wrong_master_key` | | the master key is not the one that a signing key was encrypted with, or the row was changed |
 * | `store_in_use` | | another process has this PGlite folder open |
 * | `store_not_ready` | | the database is newer than this release, may not be migrated by its user, or is none |
 * | `invalid_cursor` | 400 | not the cursor of an earlier page of this list |
 * | `invalid_request` | 400 | the body is not the JSON of docs/protocol.md section 4 or 5 |
 * | `invalid_agent_public_key` | 400 | not an `ssh-ed25519` line, or a point that must not be used as a key |
 * | `invalid_agent_runtime_id` | 400 | there is no such runtime; terminal for clients |
 * | `invalid_access_token` | 401 | the bearer token is missing or not accepted |
 * | `agent_runtime_deleted` | 403 | the runtime was revoked; terminal for clients |
 * | `agent_runtime_expired` | 403 | the runtime's `ttl` has passed |
 * | `agent_runtime_not_found`, `task_not_found`, `signing_key_not_found` | 404 | there is none to inspect or revoke |
 * | `signing_key_in_use` | 409 | the newest signing key ends by a rotation only |
 * | `agent_public_key_taken` | 409 | the key is registered for another account |
 * | `request_too_large` | 413 | a body is over 64 KiB |
 * | `too_many_requests` | 429 | a rate limit was reached; retryable after `Retry-After` |
 * | `store_unavailable`, `authenticator_unavailable` | 503 | could not answer; retryable |
 * | `authority_closed` | 503 | `close` was called; retryable elsewhere |
 */
export type AuthorityErrorCode =
  | 'invalid_argument'
  | 'invalid_configuration'
  | 'unsafe_configuration'
  | 'authority_refused'
  | 'authority_unreachable'
  | 'audit_log_broken'
  | 'unsupported_store_url'
  | 'master_key_required'
  | 'wrong_master_key'
  | 'store_in_use'
  | 'store_not_ready'
  | 'invalid_cursor'
  | 'invalid_request'
  | 'invalid_agent_public_key'
  | 'invalid_agent_runtime_id'
  | 'invalid_access_token'
  | 'agent_runtime_deleted'
  | 'agent_runtime_expired'
  | 'agent_runtime_not_found'
  | 'task_not_found'
  | 'signing_key_not_found'
  | 'signing_key_in_use'
  | 'agent_public_key_taken'
  | 'request_too_large'
  | 'too_many_requests'
  | 'store_unavailable'
  | 'authenticator_unavailable'
  | 'authority_closed';

/** An error of this package; its code is of the closed union above. */
export function authorityError(
  code: AuthorityErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<AuthorityErrorCode> {
  return new AgentIdentityError(code, message, options);
}
