import { describeType } from 'agent-identity-core';
import {
  invalidArgument,
  requireBaseUrl,
  requireKnownOptions,
  requireObject,
  type SecureUrlOptions,
} from 'agent-identity-core/http';
import { requireBearerToken } from '../credentials/require-credential.js';
import { providerAuthError } from '../errors.js';
import { bindCredential, type Provider, type ProviderKind } from './provider.js';

/** Options of every provider. */
export interface CommonProviderOptions {
  /** The display name. Default: the kind. */
  readonly name?: string | undefined;
  /**
   * The base URL of the provider's API, such as `https://api.openai.com/v1`. Credentials are sent to this origin, at this
   * path and below, and nowhere else. No user name, password, query or fragment.
   */
  readonly baseUrl: string | URL;
}

/** Options of a provider that takes the session's credentials: an agent assertion, a ChatGPT token or an API key. */
export interface FirstPartyProviderOptions extends CommonProviderOptions, SecureUrlOptions {
  readonly kind: 'first_party';
}

/** Options of a provider with its own API key. */
export interface ApiKeyProviderOptions extends CommonProviderOptions, SecureUrlOptions {
  readonly kind: 'api_key';
  /** **Secret.** */
  readonly apiKey: string;
  /** The header that holds the bare key, such as `api-key`. Default: `Authorization`, as a bearer token. */
  readonly headerName?: string | undefined;
}

/** Options of a provider with its own bearer token. */
export interface BearerProviderOptions extends CommonProviderOptions, SecureUrlOptions {
  readonly kind: 'bearer';
  /** **Secret.** */
  readonly bearerToken: string;
}

/** Options of a local or custom provider without OpenAI auth. Plain `http:` to any host, since it gets no credentials. */
export interface NoAuthProviderOptions extends CommonProviderOptions {
  readonly kind: 'no_auth';
}

/** Options for {@link defineProvider}. */
export type DefineProviderOptions =
  | FirstPartyProviderOptions
  | ApiKeyProviderOptions
  | BearerProviderOptions
  | NoAuthProviderOptions;

const optionNames: Readonly<Record<ProviderKind, readonly string[]>> = {
  first_party: ['kind', 'name', 'baseUrl', 'allowPlainHttpHosts'],
  api_key: ['kind', 'name', 'baseUrl', 'allowPlainHttpHosts', 'apiKey', 'headerName'],
  bearer: ['kind', 'name', 'baseUrl', 'allowPlainHttpHosts', 'bearerToken'],
  no_auth: ['kind', 'name', 'baseUrl'],
};

/**
 * Defines a provider. What would fail or leak at the first request is refused now (docs/protocol.md section 10).
 *
 * @throws AgentIdentityError `unknown_provider` for an unknown kind; `insecure_url`, `invalid_base_url`,
 * `empty_credentials`, `jwt_as_bearer`, `invalid_argument`
 * @example
 * ```ts
 * import { defineProvider } from 'provider-auth';
 *
 * const firstParty = defineProvider({ kind: 'first_party', baseUrl: 'https://chatgpt.com/backend-api/codex' });
 * const local = defineProvider({ kind: 'no_auth', baseUrl: 'http://127.0.0.1:11434/v1' });
 * const other = defineProvider({
 *   kind: 'api_key',
 *   baseUrl: 'https://models.example.com/v1',
 *   apiKey: 'key-of-this-provider',
 *   headerName: 'api-key',
 * });
 * ```
 */
export function defineProvider(options: DefineProviderOptions): Provider {
  requireObject(options, 'provider');
  const names = Object.hasOwn(optionNames, options.kind) ? optionNames[options.kind] : undefined;
  if (names === undefined) {
    throw providerAuthError(
      'unknown_provider',
      `provider: expected the kind first_party, api_key, bearer or no_auth, got ${describeType(options.kind)}`,
    );
  }
  requireKnownOptions(options, names, `provider of kind ${options.kind}`);
  const { kind, name = kind } = options;
  if (typeof name !== 'string' || name.trim() === '') {
    throw invalidArgument('name', 'a string that is not blank', name);
  }
  return bindCredential({ kind, name, baseUrl: requireProviderBaseUrl(options) }, readOwnCredential(options));
}

function requireProviderBaseUrl(options: DefineProviderOptions): string {
  const { baseUrl } = options;
  if (options.kind !== 'no_auth') {
    return requireBaseUrl(baseUrl, 'baseUrl', { allowPlainHttpHosts: options.allowPlainHttpHosts });
  }
  const host = URL.canParse(String(baseUrl)) ? new URL(baseUrl).hostname : '';
  return requireBaseUrl(baseUrl, 'baseUrl', { allowPlainHttpHosts: [host] });
}

function readOwnCredential(options: DefineProviderOptions) {
  if (options.kind === 'api_key') {
    const key = requireBearerToken(options.apiKey, 'apiKey');
    const headerName = requireHeaderName(options.headerName ?? 'authorization');
    return headerName === 'authorization' ? bearerHeader(key) : { headerName, headerValue: key };
  }
  return options.kind === 'bearer'
    ? bearerHeader(requireBearerToken(options.bearerToken, 'bearerToken'))
    : undefined;
}

function bearerHeader(token: string) {
  return { headerName: 'Authorization', headerValue: `Bearer ${token}` };
}

/** Refuses headers that change how the request itself is read, that proxies act on, or that credentials of others are in. */
function requireHeaderName(name: unknown): string {
  const lower = typeof name === 'string' ? name.toLowerCase() : '';
  const isReserved =
    /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|keep-alive|via|forwarded|x-forwarded-.*|(?:set-)?cookie2?|proxy-.*|sec-.*|accept(?:-.*)?|origin|referer|user-agent|date|range|if-.*|chatgpt-account-id|x-openai-.*)$/.test(
      lower,
    );
  if (/^[a-z0-9-]+$/.test(lower) && !isReserved) return lower;
  throw invalidArgument('headerName', 'the name of a header for a key, such as api-key', name);
}
