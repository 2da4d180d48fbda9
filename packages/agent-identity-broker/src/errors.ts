import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';

/**
 * The error codes of agent-identity-broker. The codes of provider-auth pass through.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an option is unknown, of the wrong type or outside its range |
 * | `rule_outside_provider` | a rule allows a path that is not at or below the provider's base URL |
 * | `unsafe_socket` | permissions alone should protect the socket, and they let other users connect |
 * | `cannot_listen` | the address or socket cannot be listened on; the message has the system's code |
 * | `cannot_run_command` | the program could not start the command that it was given |
 * | `unreadable_file`, `unwritable_file` | the program could not read or write a file that an option names |
 */
export type BrokerErrorCode =
  | 'invalid_argument'
  | 'rule_outside_provider'
  | 'unsafe_socket'
  | 'cannot_listen'
  | 'cannot_run_command'
  | 'unreadable_file'
  | 'unwritable_file';

/** Creates an error of this package. */
export function brokerError(
  code: BrokerErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): AgentIdentityError<BrokerErrorCode> {
  return new AgentIdentityError(code, message, options);
}
