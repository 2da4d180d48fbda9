/**
 * What SDKs may be given for the API key that they insist on. `providerFetch` never sends it: at the provider's own URLs
 * the resolved credentials replace it, and anywhere else it is taken out.
 */
export const sdkApiKeyPlaceholder = 'provider-auth-placeholder';

/**
 * The headers that say who asks, in lower case. At a provider's URLs they are ours to write, so what else stands there
 * is taken out: by `providerFetch`, and by whoever sets the headers of another client by hand.
 */
export const credentialHeaderNames: readonly string[] = Object.freeze([
  'authorization',
  'chatgpt-account-id',
  'x-openai-fedramp',
  'api-key',
  'x-api-key',
]);

/** What a redirect to somewhere else must not carry, besides the credential of the provider itself. */
const originBoundHeaders = [...credentialHeaderNames, 'cookie', 'proxy-authorization'];

/** The caller's headers with exactly these credentials, whatever credentials were in them before. */
export function withCredentials(headers: Headers, credentials: Readonly<Record<string, string>>): Headers {
  const result = without(headers, credentialHeaderNames);
  for (const [name, value] of Object.entries(credentials)) result.set(name, value);
  return result;
}

/**
 * The caller's headers for a place that is not the provider's, reached by a redirect.
 *
 * @param credentialNames The headers that the provider's credentials are in.
 */
export function withoutOriginBound(headers: Headers, credentialNames: readonly string[]): Headers {
  return without(headers, [...originBoundHeaders, ...credentialNames]);
}

/** Whether a header holds the placeholder in place of a key. */
export function holdsPlaceholder(headers: Headers): boolean {
  return [...headers.values()].some(isPlaceholder);
}

export function withoutPlaceholder(headers: Headers): Headers {
  return without(
    headers,
    [...headers].flatMap(([name, value]) => (isPlaceholder(value) ? [name] : [])),
  );
}

function isPlaceholder(value: string): boolean {
  return value.replace(/^bearer /i, '') === sdkApiKeyPlaceholder;
}

function without(headers: Headers, names: readonly string[]): Headers {
  const result = new Headers(headers);
  for (const name of names) result.delete(name);
  return result;
}
