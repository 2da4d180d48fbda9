import { readBoundedText, withDeadline } from 'agent-identity-core/http';

/** A whole response. Its text may hold secrets. */
export interface WholeResponse {
  readonly status: number;
  readonly text: string;
}

const timeoutSeconds = 30;
const maxBodyBytes = 256 * 1024;

/**
 * Sends one request and reads the whole response within 30 s. Redirects are not followed.
 *
 * @returns `undefined` if there was no whole response. The reason is dropped: the error of an injected `fetch` may hold
 * the request, and with it a token.
 */
export async function sendRequest(
  url: string,
  init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string },
  fetch: typeof globalThis.fetch,
): Promise<WholeResponse | undefined> {
  try {
    return await withDeadline({ timeoutSeconds }, async (signal) => {
      const headers = { accept: 'application/json', ...init.headers };
      const response = await fetch(url, {
        ...init,
        headers,
        signal,
        redirect: 'manual',
        credentials: 'omit',
      });
      return { status: response.status, text: await readBoundedText(response, maxBodyBytes) };
    });
  } catch {
    return undefined;
  }
}

/** Whether the same request may succeed later. */
export function isRetryableStatus(status: number): boolean {
  return status === 429 || status >= 500;
}
