import { isAgentIdentityError } from 'agent-identity-core';
import { type RuntimeEffects, readBoundedText, requireSeconds, withDeadline } from 'agent-identity-core/http';
import { connectionFailed, type Failure, timedOut } from './failure.js';
import type { RegistrationRequest } from './registration-request.js';

/** The most that is read of a response (docs/protocol.md sections 4 and 5 need far less). */
export const maxBodyBytes: number = 64 * 1024;

/** @throws AgentIdentityError `invalid_argument` */
export function requireTimeout(timeoutSeconds: number): void {
  requireSeconds(timeoutSeconds, 'timeoutSeconds', { min: 0.001, max: 3600 });
}

/** A response and its body, read to the end or to the limit. */
export interface HttpExchange {
  readonly response: Response;
  /** `undefined` if a successful response is over the limit. */
  readonly text: string | undefined;
}

/** Makes one attempt within the time limit. Redirects are not followed, and no cookies are sent. */
export async function sendOnce(
  request: RegistrationRequest<unknown>,
  { fetch, signal }: RuntimeEffects,
): Promise<HttpExchange | Failure> {
  const { timeoutSeconds, secrets = [] } = request;
  const body = request.createBody();
  const init = requestInit(request, body instanceof Promise ? await body : body);
  let response: Response | undefined;
  try {
    return await withDeadline({ timeoutSeconds, signal }, async (limit) => {
      response = await fetch(request.url, { ...init, signal: limit });
      const text = await readBoundedText(response, maxBodyBytes, { truncate: !response.ok });
      return { response, text };
    });
  } catch (error) {
    signal?.throwIfAborted();
    // The status of a refusal counts, even if its body cannot be read.
    if (response !== undefined && !response.ok) return { response, text: '' };
    if (response !== undefined && isAgentIdentityError(error, 'response_too_large')) {
      return { response, text: undefined };
    }
    if (isAgentIdentityError(error, 'timed_out')) return timedOut(timeoutSeconds);
    return connectionFailed(error, secrets);
  }
}

function requestInit({ headers }: RegistrationRequest<unknown>, body: object): RequestInit {
  return {
    method: 'POST',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
    redirect: 'manual',
    credentials: 'omit',
  };
}
