import { AgentIdentityError, type AgentIdentityErrorOptions } from 'agent-identity-core';
import { invalidArgument } from 'agent-identity-core/http';

/**
 * The error codes of agent-identity-verifier, including codes of agent-identity-core that pass through it.
 * `verificationFailureResponse` gives the HTTP response to each.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_argument` | an option or argument is unknown, of the wrong type or out of range |
 * | `insecure_url` | the base URL of a `remoteDirectory` is neither `https:` nor `http:` to loopback |
 * | `invalid_base_url` | the base URL of a `remoteDirectory` has a query or a fragment |
 * | `invalid_directory_file` | the file of a `fileDirectory` does not match its schema |
 * | `invalid_settings` | the settings file of the program does not match its schema, or a file that it names cannot be read |
 * | `cannot_listen` | the program cannot listen on its address; the message has the system's code |
 * | `missing_assertion` | the request has no `Authorization` header and no `x-openai-agent-assertion` |
 * | `unsupported_scheme` | the `Authorization` header has another scheme than `AgentAssertion`, for example `Bearer` |
 * | `malformed_assertion` | the header value does not have the exact form of docs/protocol.md section 3 |
 * | `agent_runtime_not_found` | the directory has no such runtime; clients get the response to `invalid_signature` |
 * | `invalid_signature` | the signature is not the registered key's signature over these members |
 * | `assertion_expired`, `assertion_in_future` | the signature is valid, but the time of signing is outside the window |
 * | `agent_runtime_deleted`, `agent_runtime_revoked`, `agent_runtime_expired`, `agent_runtime_suspended` | the signature is valid, but the runtime is not active |
 * | `missing_account_id` | the request names no account, and `accountMatch` is `required` |
 * | `account_mismatch` | the request names an account that does not own the runtime |
 * | `task_not_found` | the runtime has no such task |
 * | `task_expired`, `invalid_task_id` | the task has expired; the task was revoked |
 * | `generation_not_accepted` | the assertion is of a generation that the option `generations` does not name |
 * | `malformed_instance_assertion` | the assertion does not have the exact form of docs/protocol-instances.md section 4 |
 * | `runtime_instance_not_found` | the directory has no such instance; clients get the response to `invalid_signature` |
 * | `instance_assertion_expired`, `instance_assertion_in_future` | the signature is valid, but `iat` is outside the window |
 * | `instance_assertion_replayed` | the assertion was accepted before |
 * | `runtime_instance_suspended`, `runtime_instance_revoked`, `runtime_instance_expired` | the signature is valid, but the instance is not active |
 * | `dual_header_not_accepted` | the assertion came with a bearer token, and there is no `verifyBearer` to check the token |
 * | `invalid_bearer` | there is no bearer token beside the assertion, or `verifyBearer` or `orBearer` refused it |
 * | `actor_mismatch` | the account header or the bearer token belongs to another actor than the instance |
 * | `bearer_check_unavailable` | `verifyBearer` or `orBearer` failed to check the token. Says nothing about it. Retryable |
 * | `replay_store_unavailable` | the replay store failed to answer. Retryable |
 * | `replay_store_full` | `memoryReplayStore` has no room. Retryable |
 * | `too_many_requests` | the assertion is valid, but came more often than the replay limiter allows (off by default) |
 * | `capability_missing` | the agent may not do this: nobody granted it the capability |
 * | `request_not_allowed` | no rule of `forwardAuth`, or not the option `authorize`, lets the agent send this request |
 * | `invalid_forwarded_request` | the proxy did not tell `forwardAuth` what the request is |
 * | `directory_unavailable` | the directory failed to answer. Says nothing about the assertion. Retryable |
 * | `directory_unauthorized` | the authority refused the access token of a `remoteDirectory` (401 or 403). Not retryable |
 * | `invalid_directory_response` | the authority's response is unusable, for example because of a wrong base URL. Not retryable |
 */
export type VerificationErrorCode =
  | 'invalid_argument'
  | 'insecure_url'
  | 'invalid_base_url'
  | 'invalid_directory_file'
  | 'invalid_settings'
  | 'cannot_listen'
  | 'missing_assertion'
  | 'unsupported_scheme'
  | 'malformed_assertion'
  | 'agent_runtime_not_found'
  | 'invalid_signature'
  | 'assertion_expired'
  | 'assertion_in_future'
  | 'agent_runtime_deleted'
  | 'agent_runtime_revoked'
  | 'agent_runtime_expired'
  | 'agent_runtime_suspended'
  | 'missing_account_id'
  | 'account_mismatch'
  | 'task_not_found'
  | 'task_expired'
  | 'invalid_task_id'
  | 'generation_not_accepted'
  | 'malformed_instance_assertion'
  | 'runtime_instance_not_found'
  | 'instance_assertion_expired'
  | 'instance_assertion_in_future'
  | 'instance_assertion_replayed'
  | 'runtime_instance_suspended'
  | 'runtime_instance_revoked'
  | 'runtime_instance_expired'
  | 'dual_header_not_accepted'
  | 'invalid_bearer'
  | 'actor_mismatch'
  | 'bearer_check_unavailable'
  | 'replay_store_unavailable'
  | 'replay_store_full'
  | 'too_many_requests'
  | 'capability_missing'
  | 'request_not_allowed'
  | 'invalid_forwarded_request'
  | 'directory_unavailable'
  | 'directory_unauthorized'
  | 'invalid_directory_response';

/** The errors that `verify` rejects with. */
export type VerificationError = AgentIdentityError<VerificationErrorCode>;

/** Creates an error of this package. */
export function verificationError(
  code: VerificationErrorCode,
  message: string,
  options?: AgentIdentityErrorOptions,
): VerificationError {
  return new AgentIdentityError(code, message, options);
}

/** @throws AgentIdentityError `invalid_argument` unless the value is a whole number of at least `min` */
export function requireCount(value: number, name: string, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw invalidArgument(name, `a whole number, ${min} or more`, value);
  }
}

/** @throws AgentIdentityError `invalid_argument` unless the value is a function or `undefined` */
export function requireListener(value: unknown, name: string): void {
  if (value !== undefined && typeof value !== 'function') throw invalidArgument(name, 'a function', value);
}
