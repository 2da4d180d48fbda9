import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Returns the client's `X-Request-Id` if it is plain, else a random one. It goes to the provider and into the log, so it must not be the access token. */
export function readRequestId(headers: IncomingHttpHeaders, accessToken: string | undefined): string {
  const given = headers['x-request-id'];
  const isPlain = typeof given === 'string' && given !== accessToken && /^[\w.:-]{1,128}$/.test(given);
  return isPlain ? given : randomUUID();
}
