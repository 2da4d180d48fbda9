import { describeType } from 'agent-identity-core';
import {
  requireBaseUrl,
  requireKnownOptions,
  type SecureUrlOptions,
  withoutTrailingSlashes,
} from 'agent-identity-core/http';
import { registryError } from './errors.js';

/** Options for {@link resolveAuthapiBaseUrl}. */
export interface ResolveAuthapiBaseUrlOptions extends SecureUrlOptions {
  /** The base URL that the client uses for ChatGPT. Default: production. */
  readonly chatgptBaseUrl?: string | undefined;
  /** An AuthAPI base URL, such as that of a self-hosted authority. Wins over `chatgptBaseUrl`. */
  readonly authapiBaseUrl?: string | undefined;
}

const productionAuthapi = 'https://auth.openai.com/api/accounts';
const stagingAuthapi = 'https://auth.api.openai.org/api/accounts';

/** The table of docs/protocol.md section 6: AuthAPI base URLs by ChatGPT host, and the known paths of a ChatGPT base URL. */
const authapiByHost: ReadonlyMap<string, string> = new Map([
  ['chatgpt.com', productionAuthapi],
  ['chat.openai.com', productionAuthapi],
  ['chatgpt-staging.com', stagingAuthapi],
]);
export const chatgptPaths: ReadonlySet<string> = new Set([
  '',
  '/backend-api',
  '/codex',
  '/backend-api/codex',
]);

/**
 * Returns the base URL of the AuthAPI, without trailing slashes (docs/protocol.md section 6). It is not derived from the
 * base URL of the JWKS, nor the other way round.
 *
 * A ChatGPT base URL must be in the table. Trailing slashes are ignored, and scheme and host are compared without case.
 * Ports, user names, queries, dot segments and white space are not normalized.
 *
 * @throws AgentIdentityError `unknown_chatgpt_base_url` if the table does not have it and there is no `authapiBaseUrl`;
 * `insecure_url` or `invalid_base_url` for an unsuitable `authapiBaseUrl`; `invalid_argument` for an unknown option
 * @example
 * ```ts
 * import { resolveAuthapiBaseUrl } from 'agent-identity-registry';
 *
 * resolveAuthapiBaseUrl({ chatgptBaseUrl: 'https://chatgpt.com/backend-api' });
 * // 'https://auth.openai.com/api/accounts'
 * ```
 */
export function resolveAuthapiBaseUrl(options: ResolveAuthapiBaseUrlOptions = {}): string {
  requireKnownOptions(options, ['chatgptBaseUrl', 'authapiBaseUrl', 'allowPlainHttpHosts'], 'options');
  const { chatgptBaseUrl, authapiBaseUrl, allowPlainHttpHosts } = options;
  if (authapiBaseUrl !== undefined) return requireAuthapiBaseUrl(authapiBaseUrl, { allowPlainHttpHosts });
  if (chatgptBaseUrl === undefined) return productionAuthapi;
  const known = deriveAuthapiBaseUrl(chatgptBaseUrl);
  if (known !== undefined) return known;
  throw registryError(
    'unknown_chatgpt_base_url',
    `chatgptBaseUrl: expected a ChatGPT base URL with a known AuthAPI, such as https://chatgpt.com/backend-api, got ${describeType(chatgptBaseUrl)}; give authapiBaseUrl to use another AuthAPI`,
  );
}

function deriveAuthapiBaseUrl(chatgptBaseUrl: string): string | undefined {
  if (typeof chatgptBaseUrl !== 'string') return undefined;
  const [, host = '', path = ''] = /^https:\/\/([a-z.-]+)((?:\/.*)?)$/i.exec(chatgptBaseUrl) ?? [];
  return chatgptPaths.has(withoutTrailingSlashes(path)) ? authapiByHost.get(host.toLowerCase()) : undefined;
}

/**
 * Requires an AuthAPI base URL that may be sent to.
 *
 * @returns the URL without trailing slashes
 * @throws AgentIdentityError `insecure_url`, `invalid_base_url`
 */
export function requireAuthapiBaseUrl(authapiBaseUrl: string, options: SecureUrlOptions): string {
  return requireBaseUrl(authapiBaseUrl, 'AuthAPI base URL', options);
}
