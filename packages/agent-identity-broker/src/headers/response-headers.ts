import type { UpstreamResponse } from '../exchange/upstream-response.js';
import { connectionOptions, createDroppedNames } from './hop-by-hop.js';

/**
 * Headers of the provider that do not reach the client: cookies, which are credentials of the broker's connection, and
 * statements about the provider's own origin, which is not the client's.
 */
const dropped = createDroppedNames([
  'set-cookie',
  'set-cookie2',
  'alt-svc',
  'clear-site-data',
  'strict-transport-security',
  'location',
]);

/** What the broker adds to the provider's headers. */
export interface AddedResponseHeaders {
  readonly requestId: string;
  /** Names and values by turns. */
  readonly others?: readonly string[] | undefined;
  /** Maps the target of a redirect to the URL for clients. */
  readonly toClientLocation: (location: string) => string;
}

/** Returns the headers for the client, names and values by turns. The provider's own request id has priority. */
export function createResponseHeaders(
  head: UpstreamResponse,
  { requestId, others = [], toClientLocation }: AddedResponseHeaders,
): string[] {
  const { rawHeaders } = head;
  const options = connectionOptions(head.header('connection'));
  const result: string[] = [];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const lower = name.toLowerCase();
    if (dropped.has(lower) || lower.startsWith('access-control-') || options.includes(lower)) continue;
    result.push(name, rawHeaders[i + 1] as string);
  }
  const location = head.header('location');
  if (location !== undefined) result.push('Location', toClientLocation(location));
  if (head.header('x-request-id') === undefined) result.push('X-Request-Id', requestId);
  result.push(...others);
  return result;
}
