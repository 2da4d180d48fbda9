import { describeType } from 'agent-identity-core';
import {
  requireBaseUrl,
  requireKnownOptions,
  type SecureUrlOptions,
  withoutTrailingSlashes,
} from 'agent-identity-core/http';
import { registryError } from '../errors.js';
import { chatgptPaths } from '../resolve-authapi-base-url.js';

/** Options for {@link resolveInstanceBaseUrl}. */
export interface ResolveInstanceBaseUrlOptions extends SecureUrlOptions {
  /** The base URL that the client uses for ChatGPT. Default: production. */
  readonly chatgptBaseUrl?: string | undefined;
  /** The base URL of another server, such as a self-hosted authority. Wins over `chatgptBaseUrl`. **Ours.** */
  readonly baseUrl?: string | undefined;
}

const production = 'https://auth.openai.com';
const staging = 'https://auth.api.openai.org';

/**
 * Returns the base URL for the registration of runtime agent instances, without trailing slashes
 * (docs/protocol-instances.md section 2). It is not the AuthAPI base URL of the first generation.
 *
 * A ChatGPT base URL is https on the default port: `chatgpt.com`, a subdomain of it or `chat.openai.com` for production,
 * `chatgpt-staging.com` or a subdomain for staging; with the path endings of docs/protocol.md section 6. User names,
 * queries, dot segments and white space are not normalized.
 *
 * @throws AgentIdentityError `unknown_chatgpt_base_url` for any other ChatGPT base URL, unless there is a `baseUrl`;
 * `insecure_url` or `invalid_base_url` for an unsuitable `baseUrl`; `invalid_argument` for an unknown option
 * @example
 * ```ts
 * import { resolveInstanceBaseUrl } from 'agent-identity-registry';
 *
 * resolveInstanceBaseUrl({ chatgptBaseUrl: 'https://chatgpt.com/backend-api' }); // 'https://auth.openai.com'
 * ```
 */
export function resolveInstanceBaseUrl(options: ResolveInstanceBaseUrlOptions = {}): string {
  requireKnownOptions(options, ['chatgptBaseUrl', 'baseUrl', 'allowPlainHttpHosts'], 'options');
  const { chatgptBaseUrl, baseUrl, allowPlainHttpHosts } = options;
  if (baseUrl !== undefined) return requireInstanceBaseUrl(baseUrl, { allowPlainHttpHosts });
  if (chatgptBaseUrl === undefined) return production;
  const known = deriveBaseUrl(chatgptBaseUrl);
  if (known !== undefined) return known;
  throw registryError(
    'unknown_chatgpt_base_url',
    `chatgptBaseUrl: expected a ChatGPT base URL such as https://chatgpt.com/backend-api, got ${describeType(chatgptBaseUrl)}; give baseUrl to register with another server`,
  );
}

function deriveBaseUrl(chatgptBaseUrl: string): string | undefined {
  if (typeof chatgptBaseUrl !== 'string') return undefined;
  const [, name = '', path = ''] =
    /^https:\/\/([a-z0-9.-]+)(?::443)?((?:\/.*)?)$/i.exec(chatgptBaseUrl) ?? [];
  if (!chatgptPaths.has(withoutTrailingSlashes(path))) return undefined;
  const host = name.toLowerCase();
  if (host === 'chat.openai.com' || isOrIsUnder(host, 'chatgpt.com')) return production;
  return isOrIsUnder(host, 'chatgpt-staging.com') ? staging : undefined;
}

function isOrIsUnder(host: string, domain: string): boolean {
  return host === domain || (host.endsWith(`.${domain}`) && !host.startsWith('.'));
}

/**
 * Requires a base URL that a credential may be sent to.
 *
 * @returns the URL without trailing slashes
 * @throws AgentIdentityError `insecure_url`, `invalid_base_url`
 */
export function requireInstanceBaseUrl(baseUrl: string, options: SecureUrlOptions): string {
  return requireBaseUrl(baseUrl, 'base URL for instances', options);
}
