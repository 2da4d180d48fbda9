import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of agent-identity-cli, besides those of the libraries that it uses.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an argument or an option is missing, unknown or of the wrong form |
 * | `unrecognized_input` | the input is none of the forms that the command knows |
 * | `unreadable_file` | a file cannot be read |
 * | `unwritable_file` | a file cannot be written, or exists already |
 * | `no_credentials` | nothing is logged in |
 * | `already_logged_in` | `login` found another login |
 * | `not_chatgpt_auth` | `opt-in` found another kind of login |
 * | `unsupported_credentials`, `unsupported_store` | the login is of another kind, or in a keyring |
 * | `unsafe_permissions` | others can read a file with secrets |
 * | `request_refused`, `request_unavailable` | a service refused the request that `doctor` sent, or did not answer it |
 */
export type CommandLineErrorCode =
  | 'invalid_argument'
  | 'unrecognized_input'
  | 'unreadable_file'
  | 'unwritable_file'
  | 'no_credentials'
  | 'already_logged_in'
  | 'not_chatgpt_auth'
  | 'unsupported_credentials'
  | 'unsupported_store'
  | 'unsafe_permissions'
  | 'request_refused'
  | 'request_unavailable';

/** Creates an error of this package. */
export function commandLineError(
  code: CommandLineErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<CommandLineErrorCode> {
  return new AgentIdentityError(code, message, options);
}
