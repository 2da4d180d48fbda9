import {
  type ClientIdentification,
  explainForbidden,
  identificationHeaders,
  parseJson,
  readBoundedText,
  withDeadline,
} from 'agent-identity-core/http';
import { readErrorBody } from 'agent-identity-core/wire';

/** A request of this package. Its body may hold a token. */
export interface SmallRequest extends ClientIdentification {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

/** A whole response. Its JSON may hold secrets. */
export interface SmallResponse {
  readonly status: number;
  /** `undefined` if the body is not JSON. */
  readonly json: unknown;
  /** The error code in the body. */
  readonly errorCode: string | undefined;
  /** Human-readable: the status, and its meaning if the server refused before any authentication. */
  readonly description: string;
}

const timeoutSeconds = 30;
const maxBodyBytes = 256 * 1024;

/**
 * Sends one request and reads the complete response within 30 s. Redirects are not followed.
 *
 * @returns `undefined` if there was no complete response. The reason is dropped, because the error of an injected `fetch`
 * may contain the request and its token.
 */
export async function sendRequest(
  { method, url, headers, body, userAgent, originator }: SmallRequest,
  fetch: typeof globalThis.fetch,
): Promise<SmallResponse | undefined> {
  const init: RequestInit = {
    method,
    headers: { accept: 'application/json', ...identificationHeaders({ userAgent, originator }), ...headers },
    ...(body === undefined ? {} : { body }),
    redirect: 'manual',
    credentials: 'omit',
  };
  try {
    return await withDeadline({ timeoutSeconds }, async (signal) => {
      const response = await fetch(url, { ...init, signal });
      return readResponse(response, await readBoundedText(response, maxBodyBytes));
    });
  } catch {
    return undefined;
  }
}

function readResponse(response: Response, text: string): SmallResponse {
  const { status } = response;
  const json = parseJson(text);
  const errorCode = readErrorBody(json)?.code ?? undefined;
  const forbidden = explainForbidden(response, errorCode);
  const description = `the response had status ${status}`;
  return {
    status,
    json,
    errorCode,
    description: forbidden === undefined ? description : `${description}: ${forbidden.message}`,
  };
}

/** Whether the same request may succeed later. */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || status >= 500;
}
