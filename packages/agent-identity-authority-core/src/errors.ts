import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';
import type { RuntimeErrorCode } from 'agent-identity-core/wire';

/**
 * The error codes of agent-identity-authority-core. Over HTTP, the code is the `error.code` of the body, with this status.
 *
 * | code | status | meaning |
 * |---|---|---|
 * | `invalid_argument` | | an argument has the wrong type or is outside its range |
 * | `invalid_cursor` | 400 | the cursor does not come from an earlier page of this list |
 * | `invalid_log_entry`, `invalid_log_proof`, `invalid_checkpoint`, `invalid_verifier_key` | | of an audit log that is checked |
 * | `invalid_request` | 400 | the body or the query is not what the operation expects |
 * | `invalid_agent_public_key` | 400 | not an `ssh-ed25519` line, or a point that must not be used as a key |
 * | `invalid_agent_runtime_id` | 400 | there is no such runtime; terminal for clients |
 * | `malformed_statement` | 400 | not a statement of the runtime of the path (docs/protocol.md section 13) |
 * | `invalid_access_token` | 401 | the bearer token is missing or not accepted |
 * | `insufficient_scope` | 403 | the bearer token is valid, but does not have the required role |
 * | `role_required` | 403 | the administrator does not have the role that the operation needs |
 * | `all_accounts_required` | 403 | the administrator is limited to some accounts, and the operation concerns all of them |
 * | `agent_runtime_deleted` | 403 | the runtime was revoked; terminal for clients |
 * | `agent_runtime_expired` | 403 | the runtime's `ttl` has passed |
 * | `agent_runtime_suspended` | 403 | the runtime is suspended; an administrator can resume it |
 * | `agent_runtime_not_found`, `task_not_found`, `signing_key_not_found` | 404 | there is nothing to inspect or revoke |
 * | `account_not_found` | 404 | the administrator is limited to other accounts |
 * | `runtime_agent_instance_not_found` | 404 | there is no such runtime agent instance |
 * | `enrollment_token_not_found` | 404 | there is no such enrollment token |
 * | `enrollment_token_used` | 403 | the enrollment token has registered another agent |
 * | `runtime_…` | | answers to the registration of an instance (docs/protocol-instances.md section 6); see docs/authority.md |
 * | `lineage_too_deep` | 403 | a runtime that descends from four others registers no child |
 * | `too_many_descendants` | 403 | the root of the lineage has as many descendants as it may |
 * | `count_mismatch` | 409 | another number of runtimes fits than was confirmed; nothing was changed |
 * | `signing_key_in_use` | 409 | only a rotation ends the newest signing key |
 * | `signing_key_external` | 409 | the signing keys are given as `jwtSigners`; their owner rotates them |
 * | `agent_public_key_taken` | 409 | the key is registered for another account |
 * | `request_too_large` | 413 | the body is larger than 64 KiB |
 * | `too_many_requests` | 429 | a rate limit was reached; retryable after `Retry-After` |
 * | `store_unavailable`, `authenticator_unavailable` | 503 | the dependency did not answer; retryable |
 * | `jwt_signer_unavailable` | 503 | the `JwtSigner` gave no signature in time; retryable |
 * | `jwt_signer_mismatch` | 503 | the `JwtSigner` signs with another key than the published one |
 * | `authority_closed` | 503 | `close` was called; retryable elsewhere |
 */
export type AuthorityErrorCode =
  | 'invalid_argument'
  | 'invalid_cursor'
  | 'invalid_log_entry'
  | 'invalid_log_proof'
  | 'invalid_checkpoint'
  | 'invalid_verifier_key'
  | 'invalid_request'
  | 'invalid_agent_public_key'
  | 'invalid_agent_runtime_id'
  | 'invalid_access_token'
  | 'insufficient_scope'
  | 'role_required'
  | 'all_accounts_required'
  | 'account_not_found'
  | 'agent_runtime_deleted'
  | 'agent_runtime_expired'
  | 'agent_runtime_suspended'
  | 'agent_runtime_not_found'
  | 'task_not_found'
  | 'signing_key_not_found'
  | 'runtime_agent_instance_not_found'
  | 'enrollment_token_not_found'
  | 'enrollment_token_used'
  | Exclude<RuntimeErrorCode, 'runtime_assertion_invalid'>
  | 'signing_key_in_use'
  | 'signing_key_external'
  | 'malformed_statement'
  | 'lineage_too_deep'
  | 'too_many_descendants'
  | 'count_mismatch'
  | 'agent_public_key_taken'
  | 'request_too_large'
  | 'too_many_requests'
  | 'store_unavailable'
  | 'authenticator_unavailable'
  | 'jwt_signer_unavailable'
  | 'jwt_signer_mismatch'
  | 'authority_closed';

/** Creates an error of this package. */
export function authorityError(
  code: AuthorityErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<AuthorityErrorCode> {
  return new AgentIdentityError(code, message, options);
}
