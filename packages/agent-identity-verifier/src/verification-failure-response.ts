import { isAgentIdentityError } from 'agent-identity-core';
import type { VerificationErrorCode } from './errors.js';

/** An HTTP answer, ready to be written by any framework. */
export interface VerificationFailureResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON body; `JSON.stringify` it. */
  readonly body: { readonly error: { readonly code: string; readonly message: string } };
}

/** The status, and the `error.code` and `error.message` of the body: fixed texts, so that nothing can leak through them. */
type Answer = readonly [status: number, code: string, message: string];

const unverified: Answer = [401, 'invalid_signature', 'The agent assertion could not be verified.'];
/** Clients know this message and stop for good (docs/protocol.md section 11). */
const deleted: Answer = [403, 'agent_runtime_deleted', 'Agent runtime has been deleted.'];
const internal: Answer = [500, 'internal_error', 'The request could not be handled.'];

const answers: Readonly<Record<VerificationErrorCode, Answer>> = {
  invalid_argument: internal,
  invalid_directory_file: internal,
  insecure_url: internal,
  missing_assertion: [401, 'missing_assertion', 'An agent assertion is required.'],
  malformed_assertion: [401, 'malformed_assertion', 'The agent assertion is malformed.'],
  agent_runtime_not_found: unverified,
  invalid_signature: unverified,
  assertion_expired: [401, 'assertion_expired', 'The agent assertion is too old; check the clock.'],
  assertion_in_future: [
    401,
    'assertion_in_future',
    'The agent assertion lies in the future; check the clock.',
  ],
  agent_runtime_deleted: deleted,
  agent_runtime_revoked: deleted,
  agent_runtime_expired: [403, 'agent_runtime_expired', 'Agent runtime has expired.'],
  missing_account_id: [403, 'missing_account_id', 'The request must name its account.'],
  account_mismatch: [403, 'account_mismatch', 'The account does not own the agent runtime.'],
  task_not_found: [401, 'task_not_found', 'The task was not found.'],
  task_expired: [401, 'task_expired', 'The task has expired.'],
  invalid_task_id: [401, 'invalid_task_id', 'The task is no longer valid.'],
  too_many_requests: [429, 'too_many_requests', 'Too many requests with one agent assertion.'],
  directory_unavailable: [503, 'directory_unavailable', 'The agent directory is unavailable; try again.'],
};

/**
 * The HTTP answer to a failed verification: 401 with a `WWW-Authenticate: AgentAssertion` challenge, 403 for an account
 * or a runtime that must not pass, 429 with `Retry-After` for an assertion repeated too often, 503 with `Retry-After` when
 * the directory cannot answer; the bodies are those that clients know (docs/protocol.md section 11). An unknown runtime is answered like a wrong signature, and any other error than
 * `verify` throws with a 500 that tells nothing.
 */
export function verificationFailureResponse(error: unknown): VerificationFailureResponse {
  const errorCode = isAgentIdentityError(error) ? error.code : '';
  const [status, code, message] = Object.hasOwn(answers, errorCode)
    ? answers[errorCode as VerificationErrorCode]
    : internal;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': challenge(code) }),
      // Within a second an agent signs its next assertion, and a directory is asked again.
      ...((status === 429 || status === 503) && { 'retry-after': '1' }),
    },
    body: { error: { code, message } },
  };
}

/** Without an error for a request that offered nothing, as RFC 6750 section 3.1 has it for bearer tokens. */
function challenge(code: string): string {
  return code === 'missing_assertion' ? 'AgentAssertion' : `AgentAssertion error="${code}"`;
}
