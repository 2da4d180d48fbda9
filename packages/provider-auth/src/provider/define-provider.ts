import { describeType } from 'agent-identity-core';
import type { SecureUrlOptions } from 'agent-identity-core/http';
import { requireBearerToken } from '../credential.js';
import { providerAuthError } from '../errors.js';
import { type Provider, sealProvider } from './provider.js';
import { requireProviderUrl, requireUnauthenticatedProviderUrl } from './provider-url.js';

interface CommonOptions {
  /** For people; the kind by default. */
  readonly name?: string | undefined;
  /**
   * Where the provider's API is, such as `https://api.openai.com/v1`: credentials go to this origin, at this path and
   * below, and nowhere else. No user name, password, query or fragment.
   */
  readonly baseUrl: string | URL;
}

/** A provider that authenticates the session itself: by agent assertion, bearer token or API key. */
export interface FirstPartyProviderOptions extends CommonOptions, SecureUrlOptions {
  readonly kind: 'first_party';
}

/** A provider with an API key of its own. */
export interface ApiKeyProviderOptions extends CommonOptions, SecureUrlOptions {
  readonly kind: 'api_key';
  /** **Secret.** */
  readonly apiKey: string;
  /** The header that holds the bare key, such as `api-key`; `Authorization: Bearer` by default. */
  readonly headerName?: string | undefined;
}

/** A provider with a bearer token of its own. */
export interface BearerProviderOptions extends CommonOptions, SecureUrlOptions {
  readonly kind: 'bearer';
  /** **Secret.** */
  readonly bearerToken: string;
}

/** A local or custom provider without OpenAI auth. Plain `http:` to any host will do, as no credential goes there. */
export interface NoAuthProviderOptions extends CommonOptions {
  readonly kind: 'no_auth';
}

/** A provider of any kind; `kind` says which options it takes. */
export type ProviderOptions =
  | FirstPartyProviderOptions
  | ApiKeyProviderOptions
  | BearerProviderOptions
  | NoAuthProviderOptions;

/**
 * Describes a provider, and refuses now what would only fail, or leak, at the first request (docs/protocol.md section 10).
 *
 * @throws AgentIdentityError `unknown_provider` for a kind that is not known, `empty_credentials`, `jwt_as_bearer`, `insecure_url`,
 * `invalid_base_url`, `invalid_argument`
 */
export function defineProvider(options: ProviderOptions): Provider {
  switch (options?.kind) {
    case 'first_party':
      return sealProvider(describe(options, requireProviderUrl(options.baseUrl, options)));
    case 'api_key': {
      const provider = describe(options, requireProviderUrl(options.baseUrl, options));
      const key = requireBearerToken(options.apiKey, 'apiKey');
      const headerName = requireHeaderName(options.headerName ?? 'authorization');
      return sealProvider(provider, {
        headerName: headerName === 'authorization' ? 'Authorization' : headerName,
        headerValue: headerName === 'authorization' ? `Bearer ${key}` : key,
      });
    }
    case 'bearer': {
      const provider = describe(options, requireProviderUrl(options.baseUrl, options));
      const token = requireBearerToken(options.bearerToken, 'bearerToken');
      return sealProvider(provider, { headerName: 'Authorization', headerValue: `Bearer ${token}` });
    }
    case 'no_auth':
      return sealProvider(describe(options, requireUnauthenticatedProviderUrl(options.baseUrl)));
    default:
      throw unknownKind(options);
  }
}

function describe({ kind, name = kind }: ProviderOptions, baseUrl: URL): Provider {
  if (typeof name !== 'string' || name.trim() === '') {
    throw providerAuthError(
      'invalid_argument',
      `name: expected a non-blank string, got ${describeType(name)}`,
    );
  }
  return { kind, name, baseUrl: baseUrl.href };
}

/** A header that is a credential's: not one that would change how the request itself is read. */
function requireHeaderName(name: unknown): string {
  const lower = typeof name === 'string' ? name.toLowerCase() : '';
  if (
    /^[a-z0-9-]+$/.test(lower) &&
    !/^(?:host|cookie|connection|content-.*|transfer-encoding|te|upgrade|expect)$/.test(lower)
  ) {
    return lower;
  }
  throw providerAuthError(
    'invalid_argument',
    `headerName: expected the name of a header for a key, such as api-key, got ${describeType(name)}`,
  );
}

function unknownKind(options: unknown): Error {
  return providerAuthError(
    'unknown_provider',
    `provider: expected the kind first_party, api_key, bearer or no_auth, got ${describeType(Object(options)['kind'])}`,
  );
}
