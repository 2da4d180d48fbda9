/**
 * The API key for SDKs that require one. `providerFetch` never sends it: at the provider's URLs the provider's credentials
 * replace it, and elsewhere it is removed.
 */
export const sdkApiKeyPlaceholder = 'provider-auth-placeholder';

/**
 * The names of the headers that carry credentials, in lower case. At a provider's URLs, remove them from the request
 * before you set `ProviderCredentials.headers`. `providerFetch` does so.
 */
export const credentialHeaderNames: readonly string[] = Object.freeze([
  'authorization',
  'chatgpt-account-id',
  'x-openai-fedramp',
  'x-openai-agent-assertion',
  'api-key',
  'x-api-key',
]);

/** Headers that must not follow a redirect to another origin, besides the provider's own credential. */
const originBoundHeaders = [...credentialHeaderNames, 'cookie', 'proxy-authorization'];

/** Returns the caller's headers with exactly these credentials. */
export function withCredentials(headers: Headers, credentials: Readonly<Record<string, string>>): Headers {
  const result = withoutHeaders(headers, credentialHeaderNames);
  for (const [name, value] of Object.entries(credentials)) result.set(name, value);
  return result;
}

/**
 * Returns the caller's headers for a redirect out of the provider.
 *
 * @param credentialNames The headers that carry the provider's own credentials.
 */
export function withoutOriginBound(headers: Headers, credentialNames: readonly string[]): Headers {
  return withoutHeaders(headers, [...originBoundHeaders, ...credentialNames]);
}

/** Whether any header holds the placeholder. */
export function holdsPlaceholder(headers: Headers): boolean {
  return [...headers.values()].some(isPlaceholder);
}

/** Returns the headers without those that hold the placeholder. */
export function withoutPlaceholder(headers: Headers): Headers {
  const names = [...headers].flatMap(([name, value]) => (isPlaceholder(value) ? [name] : []));
  return withoutHeaders(headers, names);
}

function isPlaceholder(value: string): boolean {
  return value.replace(/^bearer /i, '') === sdkApiKeyPlaceholder;
}

function withoutHeaders(headers: Headers, names: readonly string[]): Headers {
  const result = new Headers(headers);
  for (const name of names) result.delete(name);
  return result;
}
