import { explainForbidden, parseJson } from 'agent-identity-core/http';
import { isAgentRuntimeDeleted, readErrorBody, type ServerError } from 'agent-identity-core/wire';
import type { RegistrationErrorCode, RegistrationOperation } from '../registration-error.js';
import { cleanExcerpt } from './clean-excerpt.js';
import type { Failure } from './failure.js';
import type { ParsedResponse, RegistrationRequest } from './registration-request.js';
import { type ResponseTimes, readResponseTimes } from './response-times.js';
import { isRetryableStatus, maxRetryAfterSeconds } from './retry-policy.js';
import { type HttpExchange, maxBodyBytes } from './send-once.js';

/** The message of a refusal mentions a clock difference above this, because it may be the cause. */
const notableOffsetSeconds = 60;

/** Returns the result in a response, or how the attempt failed. */
export function parseRegistrationResponse<T>(
  request: RegistrationRequest<T>,
  { response, text }: HttpExchange,
  now: number,
): { readonly result: T } | Failure {
  const { operation, secrets = [] } = request;
  const clean = (value: string) => cleanExcerpt(value, secrets);
  const times = readResponseTimes(response.headers, now);
  const base = { status: response.status, bodyExcerpt: clean(text ?? ''), ...times };
  if (isRedirect(response)) {
    const reason = `the server answered with a redirect (status ${response.status}), and redirects are not followed`;
    return { code: 'registration_redirected', reason, retryable: false, ...base };
  }
  if (!response.ok)
    return { ...explainRefusal(operation, response, base, readServerError(text, clean)), ...base };
  const parsed = parseSuccess(request, response.status, text);
  if ('result' in parsed) return parsed;
  const reason = `the server answered ${response.status}, expected ${parsed.expected}`;
  const { code = 'malformed_registration_response', cause } = parsed;
  return { code, reason, retryable: false, ...base, cause };
}

/** In browsers, a redirect that is not followed is an opaque response of status 0. Some `fetch` functions follow anyway. */
function isRedirect({ type, status, redirected }: Response): boolean {
  return type === 'opaqueredirect' || redirected || (status >= 300 && status <= 399);
}

function parseSuccess<T>(
  { successStatus, parseResponse }: RegistrationRequest<T>,
  status: number,
  text: string | undefined,
): ParsedResponse<T> {
  if (status !== (successStatus ?? status)) return { expected: `status ${successStatus}` };
  if (text === undefined) return { expected: `a body of at most ${maxBodyBytes} bytes` };
  const json = parseJson(text);
  return json === undefined ? { expected: 'a JSON body' } : parseResponse(json);
}

function explainRefusal(
  operation: RegistrationOperation,
  response: Response,
  times: ResponseTimes,
  serverError: ServerError | undefined,
): Failure {
  const { status } = response;
  const forbidden = explainForbidden(response, serverError?.code);
  if (forbidden !== undefined) {
    const code = forbidden.kind === 'challenge' ? 'registration_challenged' : 'unsupported_region';
    return { code, reason: `the server answered 403: ${forbidden.message}`, retryable: false, serverError };
  }
  const code = refusalCode(operation, status, serverError);
  const reason = `the server answered ${status}${formatServerError(serverError)}${hint(operation, { status, ...times })}`;
  return { code, reason, retryable: code === 'registration_unavailable', serverError };
}

/** The body tells what is terminal for a task registration (docs/protocol.md section 11); else the status counts. */
function refusalCode(
  operation: RegistrationOperation,
  status: number,
  serverError: ServerError | undefined,
): RegistrationErrorCode {
  if (isRetryableStatus(status)) return 'registration_unavailable';
  if (operation === 'instance_registration' && status === 401) return 'registration_unauthorized';
  if (operation === 'task_registration') {
    const isRefused = status === 400 || status === 403;
    if (isRefused && isAgentRuntimeDeleted(serverError)) return 'agent_runtime_deleted';
    if (status === 400 && serverError?.code === 'invalid_agent_runtime_id') return 'invalid_agent_runtime_id';
  }
  return 'registration_refused';
}

function formatServerError(serverError: ServerError | undefined): string {
  if (serverError === undefined) return '';
  const { code, message } = serverError;
  return ` (${[code, message].filter((text) => typeof text === 'string').join(': ')})`;
}

function hint(
  operation: RegistrationOperation,
  { status, clockOffsetSeconds = 0, retryAfterSeconds = 0 }: ResponseTimes & { status: number },
): string {
  if (isRetryableStatus(status) && retryAfterSeconds > maxRetryAfterSeconds) {
    return `; it asks to wait ${retryAfterSeconds} s, and the limit is ${maxRetryAfterSeconds} s`;
  }
  // Nothing in the registration of an instance depends on a clock.
  if (operation === 'instance_registration') return '';
  if ((status !== 400 && status !== 401) || Math.abs(clockOffsetSeconds) <= notableOffsetSeconds) return '';
  const [sign, word] = clockOffsetSeconds > 0 ? ['+', 'ahead of'] : ['-', 'behind'];
  const amount = Math.abs(clockOffsetSeconds);
  return `; the server's clock is ${amount} s ${word} ours (${sign}${amount} s), which may be why`;
}

function readServerError(
  text: string | undefined,
  clean: (value: string) => string,
): ServerError | undefined {
  const error = readErrorBody(parseJson(text ?? ''));
  if (error === undefined) return undefined;
  const { code, message, type } = error;
  return {
    ...(typeof message === 'string' ? { message: clean(message) } : {}),
    ...(typeof code === 'string' ? { code: clean(code) } : {}),
    ...(typeof type === 'string' ? { type: clean(type) } : {}),
  };
}
