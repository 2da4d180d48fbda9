import { providerAuthError } from '../errors.js';

/**
 * How a provider wants to be authenticated to.
 *
 * | kind | what it gets |
 * |---|---|
 * | `first_party` | agent assertions, or the ChatGPT bearer, API key or personal access token of the session |
 * | `api_key`, `bearer` | its own key or token, and nothing of the session's |
 * | `no_auth` | nothing: a local server, or a custom one without OpenAI auth |
 */
export type ProviderKind = 'first_party' | 'api_key' | 'bearer' | 'no_auth';

/** A provider that `defineProvider` has checked. Whatever prints it shows kind, name and base URL, and no key. */
export interface Provider {
  readonly kind: ProviderKind;
  /** For people. */
  readonly name: string;
  /** Normalised, as WHATWG URLs are. Credentials are sent to its origin, at its path and below, and nowhere else. */
  readonly baseUrl: string;
}

/** The credential of a provider with its own. The value is secret. */
export interface OwnCredential {
  readonly headerName: string;
  readonly headerValue: string;
}

const credentials = new WeakMap<Provider, OwnCredential | undefined>();

/** Makes the frozen provider; its credential stays outside of it. */
export function sealProvider(provider: Provider, credential?: OwnCredential): Provider {
  const sealed = Object.freeze({ ...provider });
  credentials.set(sealed, credential);
  return sealed;
}

/** @throws AgentIdentityError `unknown_provider` */
export function requireProvider(provider: Provider): Provider {
  if (typeof provider === 'object' && provider !== null && credentials.has(provider)) return provider;
  throw providerAuthError('unknown_provider', 'provider: expected one that defineProvider made');
}

/** **Secret**; `undefined` for a provider without a credential of its own. */
export function ownCredentialOf(provider: Provider): OwnCredential | undefined {
  return credentials.get(provider);
}
