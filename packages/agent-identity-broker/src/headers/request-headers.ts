import type { IncomingMessage } from 'node:http';
import { credentialHeaderNames } from 'provider-auth';
import { connectionOptions, createDroppedNames } from './hop-by-hop.js';

/**
 * Headers of the client that do not reach the provider: credentials and cookies, facts that only a proxy may state, the
 * metadata of browsers, and headers that change the method or path after the allow-list was checked.
 */
const dropped = createDroppedNames([
  ...credentialHeaderNames,
  'cookie',
  'cookie2',
  'host',
  'content-length',
  'expect',
  'origin',
  'referer',
  'forwarded',
  'via',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-request-id',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-method',
  'x-original-uri',
  'x-original-url',
  'x-original-method',
  'x-rewrite-url',
]);

const droppedPrefixes = /^(?:x-forwarded-|x-envoy-|sec-fetch-|proxy-)/;

/** What the broker adds to the client's headers. */
export interface AddedHeaders {
  readonly host: string;
  readonly requestId: string;
  /** **Secret.** */
  readonly credentials: Readonly<Record<string, string>>;
  readonly contentLength: string | undefined;
}

/**
 * Returns the headers for the provider, names and values by turns. Their order, their case and repeated ones stay. Some
 * servers take `_` in a name for `-`, so both count as the same here.
 */
export function createRequestHeaders(
  { rawHeaders, headers }: IncomingMessage,
  { host, requestId, credentials, contentLength }: AddedHeaders,
): string[] {
  const options = connectionOptions(headers.connection);
  const result = ['Host', host];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    const canonical = name.toLowerCase().replaceAll('_', '-');
    if (dropped.has(canonical) || droppedPrefixes.test(canonical)) continue;
    if (Object.hasOwn(credentials, canonical) || options.includes(name.toLowerCase())) continue;
    const value = withoutApiKeys(canonical, rawHeaders[i + 1] as string);
    if (value !== undefined) result.push(name, value);
  }
  for (const name of Object.keys(credentials)) result.push(name, credentials[name] as string);
  result.push('X-Request-Id', requestId);
  if (contentLength !== undefined) result.push('Content-Length', contentLength);
  return result;
}

/** Removes API keys that browser clients send as WebSocket subprotocols. */
function withoutApiKeys(name: string, value: string): string | undefined {
  if (name !== 'sec-websocket-protocol') return value;
  const protocols = value.split(',').map((protocol) => protocol.trim());
  const kept = protocols.filter((protocol) => !/^openai-insecure-api-key\./i.test(protocol));
  return kept.length === 0 ? undefined : kept.join(', ');
}
