import { providerAuthError } from '../errors.js';

/**
 * How a provider authenticates requests.
 *
 * | kind | credentials |
 * |---|---|
 * | `first_party` | agent assertions, or the session's ChatGPT token, API key or personal access token |
 * | `api_key`, `bearer` | the provider's own key or token, and nothing of the session |
 * | `no_auth` | none: a local or custom provider without OpenAI auth |
 */
export type ProviderKind = 'first_party' | 'api_key' | 'bearer' | 'no_auth';

/** A provider, checked by `defineProvider`. Printing it shows its kind, name and base URL, and no key. */
export interface Provider {
  readonly kind: ProviderKind;
  /** The display name. */
  readonly name: string;
  /** Without a trailing slash. Credentials are sent to this origin, at this path and below, and nowhere else. */
  readonly baseUrl: string;
}

/** The own credential of a provider. **Secret.** */
export interface OwnCredential {
  readonly headerName: string;
  readonly headerValue: string;
}

const credentials = new WeakMap<Provider, OwnCredential | undefined>();

/** Freezes the provider; its credential stays outside of it, so that nothing can print it. */
export function bindCredential(provider: Provider, credential?: OwnCredential): Provider {
  const bound = Object.freeze({ ...provider });
  credentials.set(bound, credential);
  return bound;
}

export function isProvider(value: unknown): value is Provider {
  return typeof value === 'object' && value !== null && credentials.has(value as Provider);
}

/** @throws AgentIdentityError `unknown_provider` */
export function requireProvider(provider: Provider): Provider {
  if (isProvider(provider)) return provider;
  throw providerAuthError('unknown_provider', 'provider: expected the result of defineProvider');
}

/** **Secret**; `undefined` for a provider without its own credential. */
export function ownCredentialOf(provider: Provider): OwnCredential | undefined {
  return credentials.get(provider);
}
