import { isAgentIdentityError } from 'agent-identity-core';
import type { ErrorBody } from 'agent-identity-core/wire';

/** The error codes that a request can meet, and their statuses (protocol section 11). */
const statuses: Readonly<Record<string, number>> = {
  invalid_request: 400,
  invalid_agent_public_key: 400,
  invalid_agent_runtime_id: 400,
  malformed_task_registration: 400,
  invalid_access_token: 401,
  invalid_signature: 401,
  task_registration_expired: 401,
  task_registration_in_future: 401,
  agent_runtime_deleted: 403,
  agent_runtime_expired: 403,
  not_found: 404,
  agent_public_key_taken: 409,
  request_too_large: 413,
  store_unavailable: 503,
  authenticator_unavailable: 503,
  authority_closed: 503,
};

/** What every answer carries: it is for this client only, and says when it was made, so that clocks can be compared. */
export function answerHeaders(now: number): Record<string, string> {
  return { 'cache-control': 'no-store', date: new Date(now).toUTCString() };
}

/** The answer to a failed request; `undefined` for an error that no request should meet. */
export function errorResponse(error: unknown, now: number): Response | undefined {
  if (!isAgentIdentityError(error) || !Object.hasOwn(statuses, error.code)) return undefined;
  return jsonError(statuses[error.code] ?? 500, error.code, error.message, now);
}

/** An error in the JSON form that clients know (protocol section 11). */
export function jsonError(status: number, code: string, message: string, now: number): Response {
  const body: ErrorBody = { error: { code, message } };
  return Response.json(body, {
    status,
    headers: {
      ...answerHeaders(now),
      ...(code === 'invalid_access_token' && { 'www-authenticate': 'Bearer error="invalid_token"' }),
      ...(status === 503 && { 'retry-after': '1' }),
    },
  });
}
