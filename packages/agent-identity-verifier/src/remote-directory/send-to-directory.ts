import { describeType } from 'agent-identity-core';
import { cancelBody, systemErrorCode } from 'agent-identity-core/http';
import { outage, unauthorized, unusableResponse } from './directory-errors.js';
import { isAccessToken, type RemoteDirectorySettings } from './remote-directory-options.js';

/**
 * Sends one request to the authority, and once more if its connection was reset: an authority may close an idle connection just
 * when it is used again. Follows no redirect.
 */
export async function sendToDirectory(
  { path, headers }: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  settings: RemoteDirectorySettings,
  signal: AbortSignal,
): Promise<Response> {
  const authorization = `Bearer ${await getAccessToken(settings)}`;
  const send = () =>
    settings.fetch(settings.baseUrl + path, {
      headers: {
        ...settings.identification,
        ...headers,
        authorization,
        // Tells caches between here and the authority to revalidate.
        'cache-control': 'no-cache',
      },
      redirect: 'manual',
      signal,
    });
  const response = await send().catch((error: unknown) => {
    if (signal.aborted || !resetCodes.has(systemErrorCode(error))) throw error;
    return send();
  });
  if (!response.redirected) return response;
  cancelBody(response);
  throw unusableResponse('fetch followed a redirect');
}

const resetCodes: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

async function getAccessToken({ accessToken }: RemoteDirectorySettings): Promise<string> {
  let token: unknown;
  try {
    token = await accessToken();
  } catch {
    // The error may contain the token.
    throw outage('accessToken() failed');
  }
  if (isAccessToken(token)) return token;
  throw unauthorized(`accessToken() returned ${describeType(token)} that is not a bearer token`);
}
