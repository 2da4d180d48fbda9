import type { Provider } from './provider/provider.js';
import type { ProviderCredentials } from './request/request-credentials.js';

/** Who acts, for telemetry. Nothing in it is secret. */
export interface ActingAgent {
  readonly agentRuntimeId: string;
  readonly taskId: string;
}

/** What a provider is sent. */
export type CredentialKind =
  | 'agent_assertion'
  | 'chatgpt_bearer'
  | 'api_key'
  | 'personal_access_token'
  | 'provider_credential'
  | 'none';

/** What was chosen for a provider, and why. Nothing in it is secret. */
export interface ProviderAuthDescription {
  readonly provider: Provider;
  readonly credential: CredentialKind;
  /** A sentence for people. */
  readonly reason: string;
  readonly actingAgent?: ActingAgent | undefined;
}

/**
 * The credentials of one provider in one run (docs/protocol.md section 10). Whatever prints it shows `describe()`.
 */
export interface ResolvedProviderAuth {
  readonly provider: Provider;
  /** The runtime and its task as it is now; `undefined` where no agent identity signs. */
  readonly actingAgent: ActingAgent | undefined;
  /**
   * **Secret**: the headers for a request to the provider that is made now. Make them anew for each request, and set
   * them only on requests to the provider: `credentialsFor` sees to that.
   *
   * @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id`: the run has ended
   */
  headers(): Record<string, string>;
  /** Whether a URL is the provider's: of its origin, and at its path or below. */
  covers(url: string | URL): boolean;
  /**
   * Brings up to date what may have to be asked for, such as a ChatGPT access token that is about to expire. To be
   * awaited before the credentials of each request are made; `providerFetch` does.
   *
   * @throws AgentIdentityError of chatgpt-auth, such as `token_refresh_rejected`
   */
  prepare(effects?: { readonly signal?: AbortSignal | null | undefined }): Promise<void>;
  /**
   * The credentials of one request to this URL, made now, and what to do about the answer: for clients other than
   * `fetch`. None at a URL that is not the provider's.
   *
   * @throws AgentIdentityError `agent_runtime_deleted`, `invalid_agent_runtime_id`: the run has ended
   */
  credentialsFor(url: string | URL): ProviderCredentials;
  /**
   * The same for one WebSocket handshake, to be called again for each reconnect: `headers` for the handshake, and
   * `closeSignal` by which the connection learns that it is to be closed and opened again. Works wherever a client lets
   * headers be set (`ws`, undici, Deno, Bun); the `WebSocket` of browsers does not, and there is no way around it.
   *
   * @throws AgentIdentityError `outside_provider` for a URL that is not the provider's, and those of `credentialsFor`
   */
  webSocketHeaders(url: string | URL): ProviderCredentials;
  /** What was chosen and why, without secrets. */
  describe(): ProviderAuthDescription;
}
