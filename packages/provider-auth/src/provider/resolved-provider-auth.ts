import { invalidArgument, requireKnownOptions, requireSignal } from 'agent-identity-core/http';
import type {
  ActingAgent,
  ActingInstance,
  CredentialKind,
  CredentialSource,
} from '../credentials/credential-source.js';
import { fixedCredentials, type ProviderCredentials } from '../credentials/provider-credentials.js';
import { providerAuthError } from '../errors.js';
import type { Provider } from './provider.js';
import { isProviderUrl } from './provider-url.js';

/** The credentials that were chosen for a provider, and why. Contains no secrets. */
export interface ProviderAuthDescription {
  readonly provider: Provider;
  readonly credential: CredentialKind;
  /** A human-readable sentence. */
  readonly reason: string;
  readonly actingAgent?: ActingAgent | undefined;
  readonly actingInstance?: ActingInstance | undefined;
}

/** The credentials of one provider in one run (docs/protocol.md section 10). Printing it shows `describe()`. */
export interface ResolvedProviderAuth {
  readonly provider: Provider;
  /** The current runtime and task; `undefined` unless an agent identity signs. */
  readonly actingAgent: ActingAgent | undefined;
  /** The current runtime agent instance; `undefined` unless one signs. */
  readonly actingInstance: ActingInstance | undefined;
  /**
   * **Secret.** Returns the headers for a request to the provider that is sent now. Call it for each request, and set
   * them on requests to the provider only; `credentialsFor` checks the URL.
   *
   * @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id` if the run has ended;
   * `signature_not_prepared` for a key that lives outside of this process, unless `prepare` was awaited within 10 s
   */
  headers(): Record<string, string>;
  /** Whether a URL is the provider's: at its origin, and at its path or below. */
  covers(url: string | URL): boolean;
  /**
   * Does what has to be done first: refreshes a ChatGPT access token that is about to expire, registers a runtime agent
   * instance for a changed one, and signs with a key that lives outside of this process. Await it before each request, that
   * is before `headers`, `credentialsFor`, `webSocketHeaders` and `forRedirect`; `providerFetch` does so.
   *
   * @throws AgentIdentityError the codes of chatgpt-auth, such as `token_refresh_rejected`; `signer_unavailable`,
   * `signer_timed_out` and `signer_mismatch` of agent-identity-core
   * @throws RegistrationError if an instance could not be registered; no credentials are given then
   */
  prepare(effects?: { readonly signal?: AbortSignal | null | undefined }): Promise<void>;
  /**
   * Returns the credentials of one request to this URL, for clients other than `fetch`. Without headers for a URL that is
   * not the provider's.
   *
   * @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id` if the run has ended;
   * `signature_not_prepared`, as `headers`
   */
  credentialsFor(url: string | URL): ProviderCredentials;
  /**
   * Returns the credentials of one WebSocket handshake. Call it for each reconnect: set `headers` on the handshake, and
   * close the connection when `closeSignal` aborts. Works with every client that can set headers (`ws`, undici, Deno,
   * Bun). The `WebSocket` of browsers cannot.
   *
   * @throws AgentIdentityError `outside_provider` for a URL that is not the provider's, and the codes of `credentialsFor`
   */
  webSocketHeaders(url: string | URL): ProviderCredentials;
  /** Returns what was chosen and why, without secrets. */
  describe(): ProviderAuthDescription;
}

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
    return this.#source.actingAgent;
  }

  get actingInstance(): ActingInstance | undefined {
    return this.#source.actingInstance;
  }

  headers(): Record<string, string> {
    return { ...this.#source.credentials().headers };
  }

  covers(url: string | URL): boolean {
    return isProviderUrl(this.#baseUrl, requireUrl(url));
  }

  async prepare(effects: { readonly signal?: AbortSignal | null | undefined } = {}): Promise<void> {
    requireKnownOptions(effects, ['signal'], 'effects');
    requireSignal(effects.signal, 'effects.signal');
    await this.#source.prepare(effects.signal);
  }

  credentialsFor(url: string | URL): ProviderCredentials {
    return this.covers(url) ? this.#source.credentials() : fixedCredentials({});
  }

  webSocketHeaders(url: string | URL): ProviderCredentials {
    if (this.covers(url)) return this.#source.credentials();
    throw providerAuthError('outside_provider', 'url: expected one at or below the base URL of the provider');
  }

  describe(): ProviderAuthDescription {
    const { kind, reason, actingAgent, actingInstance } = this.#source;
    return { provider: this.provider, credential: kind, reason, actingAgent, actingInstance };
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

export function bindProviderAuth(provider: Provider, source: CredentialSource): ResolvedProviderAuth {
  return new BoundProviderAuth(provider, source);
}

function requireUrl(url: string | URL): URL {
  try {
    return new URL(url);
  } catch {
    throw invalidArgument('url', 'an absolute URL', url);
  }
}
