import { describeType } from 'agent-identity-core';
import { providerAuthError } from './errors.js';
import type { Provider } from './provider/provider.js';
import { isProviderUrl } from './provider/provider-url.js';
import type { CredentialSource } from './request/credential-source.js';
import { type ProviderCredentials, plainCredentials } from './request/request-credentials.js';
import type { ActingAgent, ProviderAuthDescription, ResolvedProviderAuth } from './resolved-provider-auth.js';

/** Binds credentials to the URLs of their provider. */
class BoundProviderAuth implements ResolvedProviderAuth {
  readonly provider: Provider;
  readonly #baseUrl: URL;
  readonly #source: CredentialSource;

  constructor(provider: Provider, source: CredentialSource) {
    this.provider = provider;
    this.#baseUrl = new URL(provider.baseUrl);
    this.#source = source;
    Object.freeze(this);
  }

  get actingAgent(): ActingAgent | undefined {
    return this.#source.actingAgent();
  }

  headers(): Record<string, string> {
    return { ...this.#source.credentials().headers };
  }

  covers(url: string | URL): boolean {
    return isProviderUrl(this.#baseUrl, requireUrl(url));
  }

  prepare({ signal }: { readonly signal?: AbortSignal | null | undefined } = {}): Promise<void> {
    return this.#source.prepare(signal);
  }

  credentialsFor(url: string | URL): ProviderCredentials {
    return this.covers(url) ? this.#source.credentials() : plainCredentials({});
  }

  webSocketHeaders(url: string | URL): ProviderCredentials {
    if (this.covers(url)) return this.#source.credentials();
    throw providerAuthError('outside_provider', 'url: expected one at or below the base URL of the provider');
  }

  describe(): ProviderAuthDescription {
    const { kind, reason } = this.#source;
    return { provider: this.provider, credential: kind, reason, actingAgent: this.actingAgent };
  }

  toJSON(): ProviderAuthDescription {
    return this.describe();
  }

  toString(): string {
    return `ResolvedProviderAuth(${JSON.stringify(this)})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

export function resolvedAuth(provider: Provider, source: CredentialSource): ResolvedProviderAuth {
  return new BoundProviderAuth(provider, source);
}

function requireUrl(url: string | URL): URL {
  if (URL.canParse(String(url))) return new URL(url);
  throw providerAuthError('invalid_argument', `url: expected an absolute URL, got ${describeType(url)}`);
}
