import type { AgentIdentityAuth } from 'agent-identity-registry';
import type { IdTokenClaims } from './account/id-token-claims.js';
import type { StoredCredentials } from './auth-json/stored-credentials.js';
import type { ChatgptAuthEffects } from './open-chatgpt-auth-options.js';
import type { AgentIdentityPolicy } from './policy.js';

/** The account of a ChatGPT login, by an id token that was decoded and **not verified**, or of a looked-up token. */
export type ChatgptAccount = IdTokenClaims;

/** Options of every call of a {@link ChatgptAuth}. */
export interface CallOptions {
  /** Ends this caller's wait; work that other callers share continues. */
  readonly signal?: AbortSignal | undefined;
}

/** Options for `ChatgptAuth.refreshTokens`. */
export interface RefreshTokensOptions extends CallOptions {
  /** **Secret**: the access token that a server refused. Default: the one in use. */
  readonly refusedAccessToken?: string | undefined;
}

/**
 * The credentials that a store held when it was opened. A ChatgptAuth is bound to that login: when the store holds
 * another one later, every method that needs the store fails with `account_changed` or `logged_out`. Nothing that prints
 * it shows a secret.
 */
export interface ChatgptAuth {
  readonly policy: AgentIdentityPolicy;
  /** The credentials by kind. An Agent Identity JWT is not verified here. */
  readonly credentials: StoredCredentials;
  /**
   * The account of a ChatGPT login, or of a personal access token after `bearerHeaders` has looked it up; `undefined`
   * for credentials of another kind.
   */
  readonly account: ChatgptAccount | undefined;

  /**
   * The headers of a request with the ChatGPT bearer token or the personal access token: `Authorization`,
   * `ChatGPT-Account-ID`, and for FedRAMP accounts `X-OpenAI-Fedramp`. Stale tokens of a managed login are refreshed
   * first; a personal access token is looked up once (docs/protocol.md section 9).
   *
   * @throws AgentIdentityError `not_chatgpt_auth`, `token_refresh_rejected`, `token_refresh_failed`, `whoami_rejected`,
   * `whoami_failed`, `logged_out`, `account_changed`, `workspace_not_allowed`, and those of the store
   */
  bearerHeaders(options?: CallOptions): Promise<Record<string, string>>;

  /**
   * Gets other tokens after a server refused the current ones: the tokens that another process has stored since, else new
   * ones from the token endpoint.
   *
   * @throws AgentIdentityError as `bearerHeaders`
   */
  refreshTokens(options?: RefreshTokensOptions): Promise<void>;

  /**
   * The agent identity of a managed ChatGPT login, reused or registered, once for all callers. `undefined` with the
   * policy `jwt-only`, and for credentials of another kind (docs/protocol.md section 9).
   *
   * @throws AgentIdentityError `agent_identity_unavailable`, after which the session continues with `bearerHeaders`;
   * `incomplete_chatgpt_auth`, `logged_out`, `account_changed`, `workspace_not_allowed`, those of the store and of
   * `bearerHeaders`
   * @throws RegistrationError if a registration was refused permanently
   */
  agentIdentityAuth(options?: CallOptions): Promise<AgentIdentityAuth | undefined>;

  /**
   * The same login with other effects, such as the clock of one run. Reads and sends nothing.
   *
   * @throws AgentIdentityError `invalid_argument`
   */
  withEffects(effects: ChatgptAuthEffects): ChatgptAuth;
}
