import { isAgentIdentityError } from 'agent-identity-core';
import type { VerificationErrorCode } from './errors.js';

/** An HTTP response that any framework can send. */
export interface VerificationFailureResponse {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON body, not yet stringified. */
  readonly body: { readonly error: { readonly code: string; readonly message: string } };
}

/** The status, and `error.code` and `error.message` of the body. The texts are fixed, so nothing can leak through them. */
type FixedResponse = readonly [status: number, code: string, message: string];

const unverified: FixedResponse = [401, 'invalid_signature', 'The agent assertion could not be verified.'];
/** Clients recognize this message and stop (docs/protocol.md section 11). */
const deleted: FixedResponse = [403, 'agent_runtime_deleted', 'Agent runtime has been deleted.'];
const unrecorded: FixedResponse = [
  503,
  'replay_store_unavailable',
  'The use of the agent assertion cannot be recorded now; try again.',
];
const internal: FixedResponse = [500, 'internal_error', 'The request could not be handled.'];

const responses: Readonly<Record<VerificationErrorCode, FixedResponse>> = {
  invalid_argument: internal,
  insecure_url: internal,
  invalid_base_url: internal,
  invalid_directory_file: internal,
  invalid_settings: internal,
  cannot_listen: internal,
  missing_assertion: [401, 'missing_assertion', 'An agent assertion is required.'],
  unsupported_scheme: [
    401,
    'unsupported_scheme',
    'The Authorization header must have the scheme AgentAssertion; it has another one.',
  ],
  malformed_assertion: [401, 'malformed_assertion', 'The agent assertion is malformed.'],
  agent_runtime_not_found: unverified,
  invalid_signature: unverified,
  assertion_expired: [401, 'assertion_expired', 'The agent assertion is too old; check the clock.'],
  assertion_in_future: [
    401,
    'assertion_in_future',
    'The agent assertion is signed in the future; check the clock.',
  ],
  agent_runtime_deleted: deleted,
  agent_runtime_revoked: deleted,
  agent_runtime_expired: [403, 'agent_runtime_expired', 'Agent runtime has expired.'],
  agent_runtime_suspended: [403, 'agent_runtime_suspended', 'Agent runtime is suspended.'],
  missing_account_id: [403, 'missing_account_id', 'The request must name its account.'],
  account_mismatch: [403, 'account_mismatch', 'The account does not own the agent runtime.'],
  task_not_found: [401, 'task_not_found', 'The task was not found.'],
  task_expired: [401, 'task_expired', 'The task has expired.'],
  invalid_task_id: [401, 'invalid_task_id', 'The task is no longer valid.'],
  generation_not_accepted: [
    403,
    'generation_not_accepted',
    'This service does not accept agent assertions of this generation.',
  ],
  malformed_instance_assertion: [401, 'runtime_assertion_invalid', 'The agent assertion is malformed.'],
  runtime_instance_not_found: unverified,
  instance_assertion_expired: [
    403,
    'instance_assertion_expired',
    'The agent assertion is too old; check the clock.',
  ],
  instance_assertion_in_future: [
    403,
    'instance_assertion_in_future',
    'The agent assertion is signed in the future; check the clock.',
  ],
  instance_assertion_replayed: [
    403,
    'instance_assertion_replayed',
    'The agent assertion was used before; sign a new one for each request.',
  ],
  runtime_instance_suspended: [403, 'runtime_instance_suspended', 'The agent instance is suspended.'],
  runtime_instance_revoked: [403, 'runtime_instance_revoked', 'The agent instance has been revoked.'],
  runtime_instance_expired: [401, 'runtime_instance_expired', 'The agent instance has expired.'],
  dual_header_not_accepted: [
    403,
    'dual_header_not_accepted',
    'This service does not accept an agent assertion beside a bearer token.',
  ],
  invalid_bearer: [401, 'invalid_bearer', 'A valid bearer token is required.'],
  actor_mismatch: [
    403,
    'runtime_assertion_invalid',
    'The account or the bearer token belongs to another actor than the agent instance.',
  ],
  bearer_check_unavailable: [
    503,
    'bearer_check_unavailable',
    'The bearer token cannot be checked now; try again.',
  ],
  replay_store_unavailable: unrecorded,
  replay_store_full: unrecorded,
  too_many_requests: [429, 'too_many_requests', 'Too many requests with one agent assertion.'],
  capability_missing: [403, 'capability_missing', 'The agent lacks a capability.'],
  request_not_allowed: [403, 'request_not_allowed', 'The agent may not send this request.'],
  invalid_forwarded_request: internal,
  directory_unavailable: [503, 'directory_unavailable', 'The agent directory is unavailable; try again.'],
  directory_unauthorized: [
    503,
    'directory_unauthorized',
    'The agent directory does not accept the access token of this service; its operator must replace it.',
  ],
  invalid_directory_response: [
    503,
    'invalid_directory_response',
    'The agent directory of this service is misconfigured; its operator must correct it.',
  ],
};

/**
 * Gives the HTTP response to a failed verification, with the bodies that clients know (docs/protocol.md section 11):
 *
 * - 401 with a `WWW-Authenticate: AgentAssertion` challenge; an unknown runtime gets the response to an invalid signature
 * - 403 for a runtime or an account that may not pass
 * - 429 with `Retry-After` for an assertion that was repeated too often
 * - 503 if the directory failed, with `Retry-After` if the failure can pass by itself
 * - 500 without details for every other error
 *
 * @example
 * ```ts
 * import { type AssertionVerifier, verificationFailureResponse } from 'agent-identity-verifier';
 *
 * async function handle(verifier: AssertionVerifier, request: Request): Promise<Response> {
 *   try {
 *     const accountId = request.headers.get('chatgpt-account-id');
 *     return Response.json(await verifier.verify(request.headers.get('authorization'), { accountId }));
 *   } catch (error) {
 *     const { status, headers, body } = verificationFailureResponse(error);
 *     return Response.json(body, { status, headers });
 *   }
 * }
 * ```
 */
export function verificationFailureResponse(error: unknown): VerificationFailureResponse {
  const errorCode = isAgentIdentityError(error) ? error.code : '';
  const [status, code, message] = Object.hasOwn(responses, errorCode)
    ? responses[errorCode as VerificationErrorCode]
    : internal;
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': challenge(code) }),
      // After a second the agent signs another assertion, and what failed is asked again.
      ...((status === 429 || code.endsWith('_unavailable')) && { 'retry-after': '1' }),
    },
    // The service names the capability, so the client may know it.
    body: { error: { code, message: code === 'capability_missing' ? (error as Error).message : message } },
  };
}

/** Names no error if the request had no assertion, like RFC 6750 section 3.1 for bearer tokens. */
function challenge(code: string): string {
  if (code === 'invalid_bearer') return 'Bearer error="invalid_token"';
  const hasAssertion = code !== 'missing_assertion' && code !== 'unsupported_scheme';
  return hasAssertion ? `AgentAssertion error="${code}"` : 'AgentAssertion';
}
