import { describeType } from 'agent-identity-core';
import { requireSecureUrl, type SecureUrlOptions } from 'agent-identity-core/http';
import { registryError } from './errors.js';

/** From what the AuthAPI base URL is known. */
export interface AuthapiBaseUrlOptions extends SecureUrlOptions {
  /** The base URL that the client uses for ChatGPT; none at all means production. */
  readonly chatgptBaseUrl?: string | undefined;
  /** An AuthAPI base URL of one's own, such as a self-hosted authority's. It wins over `chatgptBaseUrl`. */
  readonly authapiBaseUrl?: string | undefined;
}

const productionAuthapi = 'https://auth.openai.com/api/accounts';
const stagingAuthapi = 'https://auth.api.openai.org/api/accounts';

/** The table of docs/protocol.md section 6: the AuthAPI base URL by ChatGPT host, and the paths that a ChatGPT base may end in. */
const authapiByHost: ReadonlyMap<string, string> = new Map([
  ['chatgpt.com', productionAuthapi],
  ['chat.openai.com', productionAuthapi],
  ['chatgpt-staging.com', stagingAuthapi],
]);
const chatgptPaths: ReadonlySet<string> = new Set(['', '/backend-api', '/codex', '/backend-api/codex']);

/**
 * Tells the base URL of the AuthAPI, without a trailing slash (docs/protocol.md section 6). It is never derived from the base
 * URL of JWKS, nor the other way round.
 *
 * A ChatGPT base URL must be one of the table as it is written there: trailing slashes are ignored and the scheme and
 * host may be in any case, but nothing else is put right, no port, user name, query, dot segment or white space.
 *
 * @throws AgentIdentityError `unknown_chatgpt_base_url` for any other, unless `authapiBaseUrl` is given;
 * `insecure_url` or `invalid_authapi_base_url` for an `authapiBaseUrl` that nothing may be sent to
 */
export function resolveAuthapiBaseUrl({
  chatgptBaseUrl,
  authapiBaseUrl,
  allowPlainHttpHosts,
}: AuthapiBaseUrlOptions = {}): string {
  if (authapiBaseUrl !== undefined) {
    return requireAuthapiBaseUrl(authapiBaseUrl, allowPlainHttpHosts ? { allowPlainHttpHosts } : {});
  }
  if (chatgptBaseUrl === undefined) return productionAuthapi;
  const known = deriveAuthapiBaseUrl(chatgptBaseUrl);
  if (known !== undefined) return known;
  throw registryError(
    'unknown_chatgpt_base_url',
    `chatgptBaseUrl: expected a ChatGPT base URL whose AuthAPI is known, such as https://chatgpt.com/backend-api, got ${describeType(chatgptBaseUrl)} that is none; give authapiBaseUrl to use another`,
  );
}

function deriveAuthapiBaseUrl(chatgptBaseUrl: string): string | undefined {
  if (typeof chatgptBaseUrl !== 'string') return undefined;
  const [, host = '', path = ''] = /^https:\/\/([a-z.-]+)((?:\/.*)?)$/i.exec(chatgptBaseUrl) ?? [];
  return chatgptPaths.has(withoutTrailingSlashes(path)) ? authapiByHost.get(host.toLowerCase()) : undefined;
}

/**
 * Reads an AuthAPI base URL that may be sent to, and writes it without a trailing slash.
 *
 * @throws AgentIdentityError `insecure_url`, `invalid_authapi_base_url`
 */
export function requireAuthapiBaseUrl(authapiBaseUrl: string, options: SecureUrlOptions): string {
  const url = requireSecureUrl(authapiBaseUrl, 'AuthAPI base URL', options);
  if (/[?#]/.test(url.href)) {
    throw registryError(
      'invalid_authapi_base_url',
      'AuthAPI base URL: expected one without a query and a fragment',
    );
  }
  return url.origin + withoutTrailingSlashes(url.pathname);
}

/** By hand, in linear time: a pattern would take quadratic time for slashes that are not at the end. */
function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}
