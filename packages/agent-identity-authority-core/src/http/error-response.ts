import { AgentIdentityError, isAgentIdentityError } from 'agent-identity-core';
import type { Administrator, AdministratorRole } from '../authentication/administrator.js';

/** The error codes of responses and their statuses (docs/protocol.md section 11). */
export const requestErrorStatuses = {
  invalid_request: 400,
  invalid_cursor: 400,
  invalid_agent_public_key: 400,
  invalid_agent_runtime_id: 400,
  malformed_task_registration: 400,
  malformed_statement: 400,
  runtime_input_invalid: 400,
  runtime_idempotency_key_invalid: 400,
  invalid_access_token: 401,
  invalid_signature: 401,
  runtime_actor_invalid: 401,
  task_registration_expired: 401,
  task_registration_in_future: 401,
  statement_expired: 401,
  statement_in_future: 401,
  insufficient_scope: 403,
  role_required: 403,
  all_accounts_required: 403,
  agent_runtime_deleted: 403,
  agent_runtime_expired: 403,
  agent_runtime_suspended: 403,
  enrollment_token_used: 403,
  lineage_too_deep: 403,
  too_many_descendants: 403,
  // Clients of the second generation give up after a 403, and keep trying after a 409.
  runtime_actor_source_inactive: 403,
  runtime_actor_conflict: 403,
  runtime_instance_revoked: 403,
  not_found: 404,
  account_not_found: 404,
  agent_runtime_not_found: 404,
  task_not_found: 404,
  signing_key_not_found: 404,
  runtime_agent_instance_not_found: 404,
  enrollment_token_not_found: 404,
  method_not_allowed: 405,
  agent_public_key_taken: 409,
  signing_key_in_use: 409,
  signing_key_external: 409,
  count_mismatch: 409,
  runtime_host_conflict: 409,
  runtime_registration_conflict: 409,
  request_too_large: 413,
  runtime_input_too_large: 413,
  too_many_requests: 429,
  runtime_rate_limited: 429,
  internal_error: 500,
  store_unavailable: 503,
  authenticator_unavailable: 503,
  jwt_signer_unavailable: 503,
  jwt_signer_mismatch: 503,
  runtime_verification_unavailable: 503,
  authority_closed: 503,
} as const;

export type RequestErrorCode = keyof typeof requestErrorStatuses;

/** A rate limit was reached. Thrown and handled in this package only, so `instanceof` works. */
export class TooManyRequestsError extends AgentIdentityError<'too_many_requests'> {
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super('too_many_requests', 'Too many requests; try again later.', { retryable: true });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** An administrator may not do this. Thrown and handled in this package only, so `instanceof` works. */
export class RoleRequiredError extends AgentIdentityError<'role_required' | 'all_accounts_required'> {
  /** Further members of `error` in the response, so that programs need not read the message. */
  readonly members: { readonly required_role: AdministratorRole; readonly role: AdministratorRole };

  constructor(
    code: 'role_required' | 'all_accounts_required',
    caller: Administrator,
    required: AdministratorRole,
  ) {
    const { name, role } = caller;
    super(
      code,
      code === 'role_required'
        ? `This needs the role "${required}", and "${name}" has the role "${role}".`
        : `This concerns all accounts: it needs the role "${required}" without a limit, and "${name}" has the role "${role}" for some accounts only.`,
    );
    this.members = { required_role: required, role };
  }
}

/** The headers of every response: private to the client, with the time of the response so that clients can compare clocks. */
export function commonHeaders(now: number): Record<string, string> {
  return { 'cache-control': 'no-store', date: new Date(now).toUTCString() };
}

/** Other codes for the errors of an operation, whose clients know those only. */
export type ErrorCodes = Readonly<Partial<Record<RequestErrorCode, RequestErrorCode>>>;

/** Returns the response to a failed request; `undefined` for an error that has no status. */
export function toErrorResponse(
  error: unknown,
  now: number,
  errorCodes: ErrorCodes = {},
): Response | undefined {
  if (!isAgentIdentityError(error)) return undefined;
  // An invalid argument came with the request; its message names the member but not the value.
  const code = error.code === 'invalid_argument' ? 'invalid_request' : error.code;
  if (!isRequestErrorCode(code)) return undefined;
  const retryAfter =
    error instanceof TooManyRequestsError ? { 'retry-after': String(error.retryAfterSeconds) } : {};
  const members = error instanceof RoleRequiredError ? error.members : {};
  return createErrorResponse(errorCodes[code] ?? code, error.message, now, retryAfter, members);
}

/** Creates an error response in the form that clients know (docs/protocol.md section 11). */
export function createErrorResponse(
  code: RequestErrorCode,
  message: string,
  now: number,
  headers: Readonly<Record<string, string>> = {},
  members: Readonly<Record<string, string>> = {},
): Response {
  const status = requestErrorStatuses[code];
  const body = { error: { code, message, ...members } };
  return Response.json(body, {
    status,
    headers: {
      ...commonHeaders(now),
      ...(code === 'invalid_access_token' && { 'www-authenticate': 'Bearer error="invalid_token"' }),
      ...(scopeCodes.includes(code) && { 'www-authenticate': 'Bearer error="insufficient_scope"' }),
      ...(status === 503 && { 'retry-after': '1' }),
      ...headers,
    },
  });
}

/** A valid token that does not suffice (RFC 6750 section 3.1). */
const scopeCodes: readonly string[] = ['insufficient_scope', 'role_required', 'all_accounts_required'];

function isRequestErrorCode(code: string): code is RequestErrorCode {
  return Object.hasOwn(requestErrorStatuses, code);
}
