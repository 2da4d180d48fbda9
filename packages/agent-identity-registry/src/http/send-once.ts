import { isAgentIdentityError } from 'agent-identity-core';
import { readBoundedText } from 'agent-identity-core/http';
import { connectionFailed, type Failure, timedOut } from './failure.js';
import type { RegistrationRequest } from './registration-request.js';
import type { RuntimeEffects } from './runtime-effects.js';
import { withTimeLimit } from './time-limit.js';
import { untilAborted } from './until-aborted.js';

/** No more of an answer is read (docs/protocol.md sections 4 and 5 need far less). */
export const maxBodyBytes: number = 64 * 1024;

/** An answer, read to its end or to the limit. */
export interface Exchange {
  readonly response: Response;
  /** `undefined` where a successful answer was over the limit. */
  readonly text: string | undefined;
}

/** Makes one attempt within the time limit. Redirects are not followed and no cookies are sent. */
export async function sendOnce(
  request: RegistrationRequest,
  { fetch, signal }: RuntimeEffects,
): Promise<Exchange | Failure> {
  const { url, timeLimitSeconds, accessToken } = request;
  const init: RequestInit = {
    method: 'POST',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      ...(accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` }),
      ...request.headers,
    },
    body: JSON.stringify(request.body()),
    redirect: 'manual',
    credentials: 'omit',
  };
  return withTimeLimit(timeLimitSeconds, signal, async (limit) => {
    try {
      const response = await untilAborted(fetch(url, { ...init, signal: limit }), limit);
      return { response, text: await readText(response, limit) };
    } catch (error) {
      if (limit.aborted) return timedOut(timeLimitSeconds);
      return connectionFailed(error, accessToken === undefined ? [] : [accessToken]);
    }
  });
}

/** Of a refusal the status counts: its body is read as far as it comes. */
async function readText(response: Response, limit: AbortSignal): Promise<string | undefined> {
  const truncate = !response.ok;
  try {
    return await untilAborted(readBoundedText(response, maxBodyBytes, { truncate }), limit);
  } catch (error) {
    if (truncate) return '';
    if (isAgentIdentityError(error) && error.code === 'response_too_large') return undefined;
    throw error;
  }
}
