import { type ErrorBody, errorBodySchema } from 'agent-identity-core/wire';
import { cleanExcerpt } from './clean-excerpt.js';
import type { Failure } from './failure.js';
import type { AnsweredId, RegistrationRequest } from './registration-request.js';
import { type ResponseTimes, readResponseTimes } from './response-times.js';
import { isRetryableStatus, maxRetryAfterSeconds } from './retry-policy.js';
import { type Exchange, maxBodyBytes } from './send-once.js';

/** A clock that is off by more than this is told in the message of a refusal that may come from it. */
const notableOffsetSeconds = 60;

/** Says what an answer means: the id that was asked for, or how the attempt failed. */
export function judgeExchange(
  request: RegistrationRequest,
  exchange: Exchange,
  now: number,
): { readonly id: string } | Failure {
  const { response, text } = exchange;
  const clean = (value: string) =>
    cleanExcerpt(value, request.accessToken === undefined ? [] : [request.accessToken]);
  const times = readResponseTimes(response.headers, now);
  const known = { status: response.status, bodyExcerpt: clean(text ?? ''), ...times };
  if (isRedirect(response)) {
    const reason = `the server answered with a redirect (status ${response.status}), and none is followed`;
    return { code: 'registration_redirected', reason, retryable: false, ...known };
  }
  if (!response.ok) return refusal(known, readServerError(text, clean));
  const answered = readAnswer(request, text);
  if ('id' in answered) return answered;
  const reason = `the server answered ${response.status}, expected ${answered.expected}`;
  return {
    code: 'malformed_registration_response',
    reason,
    retryable: false,
    ...known,
    cause: answered.cause,
  };
}

/** In browsers a redirect that is not followed comes as an opaque answer of status 0. A `fetch` may also follow them unasked. */
function isRedirect({ type, status, redirected }: Response): boolean {
  return type === 'opaqueredirect' || redirected || (status >= 300 && status <= 399);
}

function readAnswer(request: RegistrationRequest, text: string | undefined): AnsweredId {
  if (text === undefined) return { expected: `a body of at most ${maxBodyBytes} bytes` };
  const json = parseJson(text);
  return json === undefined ? { expected: 'a JSON body' } : request.readAnswer(json);
}

function refusal(
  known: ResponseTimes & { readonly status: number; readonly bodyExcerpt: string },
  serverError: ErrorBody['error'] | undefined,
): Failure {
  const retryable = isRetryableStatus(known.status);
  return {
    code: retryable ? 'registration_unavailable' : 'registration_refused',
    reason: `the server answered ${known.status}${told(serverError)}${hint(known)}`,
    retryable,
    ...known,
    serverError,
  };
}

function told(serverError: ErrorBody['error'] | undefined): string {
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
    return `; it asks to wait ${retryAfterSeconds} s, and no more than ${maxRetryAfterSeconds} s are waited for`;
  }
  if ((status !== 400 && status !== 401) || Math.abs(clockOffsetSeconds) <= notableOffsetSeconds) return '';
  const [sign, word] = clockOffsetSeconds > 0 ? ['+', 'ahead of'] : ['-', 'behind'];
  const amount = Math.abs(clockOffsetSeconds);
  return `; the server's clock is ${amount} s ${word} ours (${sign}${amount} s), which may be why`;
}

function readServerError(
  text: string | undefined,
  clean: (value: string) => string,
): ErrorBody['error'] | undefined {
  const body = errorBodySchema.safeParse(parseJson(text ?? ''));
  if (!body.success) return undefined;
  const { code, message, type } = body.data.error;
  return {
    ...(typeof message === 'string' ? { message: clean(message) } : {}),
    ...(typeof code === 'string' ? { code: clean(code) } : {}),
    ...(typeof type === 'string' ? { type: clean(type) } : {}),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message would quote the text.
    return undefined;
  }
}
