import { parseJson } from 'agent-identity-core/http';
import { readErrorBody, type ServerError } from 'agent-identity-core/wire';
import { cleanExcerpt } from './clean-excerpt.js';
import type { Failure } from './failure.js';
import type { ParsedId, RegistrationRequest } from './registration-request.js';
import { type ResponseTimes, readResponseTimes } from './response-times.js';
import { isRetryableStatus, maxRetryAfterSeconds } from './retry-policy.js';
import { type HttpExchange, maxBodyBytes } from './send-once.js';

/** The message of a refusal mentions a clock difference above this, because it may be the cause. */
const notableOffsetSeconds = 60;

/** Returns the id in a response, or how the attempt failed. */
export function parseRegistrationResponse(
  request: RegistrationRequest,
  { response, text }: HttpExchange,
  now: number,
): { readonly id: string } | Failure {
  const clean = (value: string) =>
    cleanExcerpt(value, request.accessToken === undefined ? [] : [request.accessToken]);
  const times = readResponseTimes(response.headers, now);
  const base = { status: response.status, bodyExcerpt: clean(text ?? ''), ...times };
  if (isRedirect(response)) {
    const reason = `the server answered with a redirect (status ${response.status}), and redirects are not followed`;
    return { code: 'registration_redirected', reason, retryable: false, ...base };
  }
  if (!response.ok) return refusal(base, readServerError(text, clean));
  const parsed = parseId(request, text);
  if ('id' in parsed) return parsed;
  const reason = `the server answered ${response.status}, expected ${parsed.expected}`;
  return { code: 'malformed_registration_response', reason, retryable: false, ...base, cause: parsed.cause };
}

/** In browsers, a redirect that is not followed is an opaque response of status 0. Some `fetch` functions follow anyway. */
function isRedirect({ type, status, redirected }: Response): boolean {
  return type === 'opaqueredirect' || redirected || (status >= 300 && status <= 399);
}

function parseId(request: RegistrationRequest, text: string | undefined): ParsedId {
  if (text === undefined) return { expected: `a body of at most ${maxBodyBytes} bytes` };
  const json = parseJson(text);
  return json === undefined ? { expected: 'a JSON body' } : request.parseId(json);
}

function refusal(
  base: ResponseTimes & { readonly status: number; readonly bodyExcerpt: string },
  serverError: ServerError | undefined,
): Failure {
  const retryable = isRetryableStatus(base.status);
  return {
    code: retryable ? 'registration_unavailable' : 'registration_refused',
    reason: `the server answered ${base.status}${formatServerError(serverError)}${hint(base)}`,
    retryable,
    ...base,
    serverError,
  };
}

function formatServerError(serverError: ServerError | undefined): string {
  if (serverError === undefined) return '';
  const { code, message } = serverError;
  return ` (${[code, message].filter((text) => typeof text === 'string').join(': ')})`;
}

function hint({
  status,
  clockOffsetSeconds = 0,
  retryAfterSeconds = 0,
}: ResponseTimes & { status: number }): string {
  if (isRetryableStatus(status) && retryAfterSeconds > maxRetryAfterSeconds) {
    return `; it asks to wait ${retryAfterSeconds} s, and the limit is ${maxRetryAfterSeconds} s`;
  }
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
