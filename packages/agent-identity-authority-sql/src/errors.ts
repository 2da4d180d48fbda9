import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of agent-identity-authority-sql. The stores also throw the codes of `AuthorityStore`.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an argument has the wrong type or is outside its range |
 * | `unsupported_store_url` | the URL is not `memory:`, `pglite:DIR` or `postgres://…` |
 * | `master_key_required` | a persistent store was opened without a master key |
 * | `wrong_master_key` | a signing key was encrypted with another master key, or its row was changed |
 * | `store_in_use` | another process has this PGlite folder open |
 * | `store_not_ready` | the schema is newer than this release, the database user may not migrate it, or it is not a database |
 * | `store_unavailable` | the store could not be opened; retryable |
 */
export type AuthoritySqlErrorCode =
  | 'invalid_argument'
  | 'unsupported_store_url'
  | 'master_key_required'
  | 'wrong_master_key'
  | 'store_in_use'
  | 'store_not_ready'
  | 'store_unavailable';

/** Creates an error of this package. */
export function sqlError(
  code: AuthoritySqlErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<AuthoritySqlErrorCode> {
  return new AgentIdentityError(code, message, options);
}
