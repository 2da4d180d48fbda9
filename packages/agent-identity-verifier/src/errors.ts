import { AgentIdentityError, type AgentIdentityErrorOptions, describeType } from 'agent-identity-core';

/**
 * The error codes of agent-identity-verifier, the core's that pass through it among them. `verificationFailureResponse`
 * says how each is answered over HTTP.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an option of the verifier or of a directory is of the wrong type or outside its range |
 * | `missing_assertion` | the request has no `Authorization` header |
 * | `malformed_assertion` | not the byte-exact header value of docs/protocol.md section 3 |
 * | `agent_runtime_not_found` | the directory knows no such runtime; answered like `invalid_signature` |
 * | `invalid_signature` | the signature is not the registered key's over these members |
 * | `assertion_expired`, `assertion_in_future` | genuine, but signed outside the window |
 * | `agent_runtime_deleted`, `agent_runtime_revoked`, `agent_runtime_expired` | genuine, but the runtime is no more |
 * | `missing_account_id` | the request names no account, and `accountMatch` is `required` |
 * | `account_mismatch` | the request names another account than the runtime's owner |
 * | `task_not_found` | the runtime has no such task, or it is another runtime's |
 * | `task_expired`, `invalid_task_id` | the task has expired, or was revoked |
 * | `too_many_requests` | genuine, but repeated beyond what the abuse guard allows (off by default) |
 * | `directory_unavailable` | the directory could not answer; says nothing about the assertion. Retryable |
 * | `invalid_directory_file` | the file of a `fileDirectory` is not of its schema |
 * | `insecure_url` | the base URL of a `remoteDirectory` is not https, nor http to loopback |
 */
export type VerificationErrorCode =
  | 'invalid_argument'
  | 'missing_assertion'
  | 'malformed_assertion'
  | 'agent_runtime_not_found'
  | 'invalid_signature'
  | 'assertion_expired'
  | 'assertion_in_future'
  | 'agent_runtime_deleted'
  | 'agent_runtime_revoked'
  | 'agent_runtime_expired'
  | 'missing_account_id'
  | 'account_mismatch'
  | 'task_not_found'
  | 'task_expired'
  | 'invalid_task_id'
  | 'too_many_requests'
  | 'directory_unavailable'
  | 'invalid_directory_file'
  | 'insecure_url';

/** What `verify` rejects with. */
export type VerificationError = AgentIdentityError<VerificationErrorCode>;

/** An error of this package; its code is of the closed union above. */
export function verificationError(
  code: VerificationErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): VerificationError {
  return new AgentIdentityError(code, message, options);
}

/** An `invalid_argument` that names the option and the kind of what was given, and never the value. */
export function invalidArgument(name: string, expected: string, value: unknown): VerificationError {
  return verificationError('invalid_argument', `${name}: expected ${expected}, got ${describeType(value)}`);
}

/** @throws AgentIdentityError `invalid_argument` */
export function requireCount(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw invalidArgument(name, `a whole number, ${min} or more`, value);
  }
}
