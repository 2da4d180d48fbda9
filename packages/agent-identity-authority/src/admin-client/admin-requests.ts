import { isAgentIdentityError } from 'agent-identity-core';
import {
  parseJson,
  readBoundedText,
  redactCredentials,
  systemErrorCode,
  withDeadline,
} from 'agent-identity-core/http';
import { errorBodySchema } from 'agent-identity-core/wire';
import type * as z from 'zod';
import { programError } from '../errors.js';

/** A page of 500 agents with all their labels fits. */
const maxBytes = 8_388_608;
const timeoutSeconds = 60;

/** Requests to the administration API. */
export interface AdminRequests {
  get<Body>(path: string, schema: z.ZodType<Body>): Promise<Body>;
  post<Body>(path: string, body: object, schema: z.ZodType<Body>): Promise<Body>;
}

/** @param target.token **Secret.** */
export function createAdminRequests(
  { baseUrl, token }: { readonly baseUrl: string; readonly token: string },
  fetch: typeof globalThis.fetch,
): AdminRequests {
  const send = async <Body>(
    path: string,
    body: object | undefined,
    schema: z.ZodType<Body>,
  ): Promise<Body> => {
    const { status, text } = await sendRequest(`${baseUrl}${path}`, body, token, fetch);
    if (status !== 200 && status !== 201) throw toRefusal(status, text);
    const result = schema.safeParse(parseJson(text));
    if (result.success) return result.data;
    throw programError('authority_refused', 'the response does not come from an authority');
  };
  return {
    get: (path, schema) => send(path, undefined, schema),
    post: (path, body, schema) => send(path, body, schema),
  };
}

/** Sends a POST with a body, or a GET without one. */
async function sendRequest(
  url: string,
  body: object | undefined,
  token: string,
  fetch: typeof globalThis.fetch,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    return await withDeadline({ timeoutSeconds }, async (signal) => {
      const response = await fetch(url, {
        ...(body === undefined ? { method: 'GET' } : { method: 'POST', body: JSON.stringify(body) }),
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        redirect: 'error',
        signal,
      });
      return { status: response.status, text: await readBoundedText(response, maxBytes) };
    });
  } catch (error) {
    throw programError('authority_unreachable', `${url} could not be reached: ${explainFailure(error)}`, {
      retryable: true,
    });
  }
}

/** Not the error's own message, which may quote headers. */
function explainFailure(error: unknown): string {
  if (isAgentIdentityError(error, 'timed_out')) return `no response within ${timeoutSeconds} s`;
  if (isAgentIdentityError(error, 'response_too_large')) return `a response of more than ${maxBytes} bytes`;
  return systemErrorCode(error) ?? 'the connection failed, or the response is a redirect';
}

/** The refusal of an authority in words. */
export function toRefusal(status: number, text: string): Error {
  const { data } = errorBodySchema.safeParse(parseJson(text));
  const { code, message } = data?.error ?? {};
  // The message says which role is needed, and which one the token has.
  if (status === 403 && message) {
    return programError('authority_refused', redactCredentials(`${message} (${code})`));
  }
  const reason = data === undefined ? 'without a reason' : `${data.error.code}: ${data.error.message}`;
  return programError(
    'authority_refused',
    `the authority responded with ${status}, ${redactCredentials(reason)}`,
  );
}
