import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of agent-identity-authority, besides those of the libraries that it re-exports.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_configuration` | the command line, the environment or the file has an invalid or unknown setting |
 * | `unsafe_configuration` | the settings are valid but insecure, such as development tokens on a public address |
 * | `authority_refused` | a running authority refused what the command asked for |
 * | `authority_unreachable` | no authority answered at the URL; retryable |
 * | `output_failed` | a new identity could not be written; the message says whether its runtime was revoked |
 * | `token_refused` | no federation rule accepts the token that `federation test` was given |
 * | `audit_log_broken` | the verification of the audit log found a problem |
 */
export type AuthorityProgramErrorCode =
  | 'invalid_configuration'
  | 'unsafe_configuration'
  | 'authority_refused'
  | 'authority_unreachable'
  | 'output_failed'
  | 'token_refused'
  | 'audit_log_broken';

/** Creates an error of this package. */
export function programError(
  code: AuthorityProgramErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<AuthorityProgramErrorCode> {
  return new AgentIdentityError(code, message, options);
}
