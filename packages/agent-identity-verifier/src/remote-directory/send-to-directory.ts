import { describeType } from 'agent-identity-core';
import { cancelBody } from 'agent-identity-core/http';
import { outage, unauthorized, unusableResponse } from './directory-errors.js';
import { isAccessToken, type RemoteDirectorySettings } from './remote-directory-options.js';

/** Sends one request to the authority. Follows no redirect. */
export async function sendToDirectory(
  { path, headers }: { readonly path: string; readonly headers: Readonly<Record<string, string>> },
  settings: RemoteDirectorySettings,
  signal: AbortSignal,
): Promise<Response> {
  const authorization = `Bearer ${await getAccessToken(settings)}`;
  const response = await settings.fetch(settings.baseUrl + path, {
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
  if (!response.redirected) return response;
  cancelBody(response);
  throw unusableResponse('fetch followed a redirect');
}

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
