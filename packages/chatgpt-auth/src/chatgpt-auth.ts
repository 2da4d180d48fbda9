import type { AgentIdentityAuth } from 'agent-identity-registry';
import type { IdTokenClaims } from './account/id-token-claims.js';
import type { StoredCredentials } from './auth-json/stored-credentials.js';
import type { AgentIdentityPolicy } from './policy.js';

/** The account of a ChatGPT login, by an id token that was decoded and **not verified**. */
export type ChatgptAccount = IdTokenClaims;

/** What every call of a `ChatgptAuth` takes. */
export interface CallOptions {
  /** Ends this caller's wait; work that others share goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Which token is to be replaced. */
export interface RefreshOptions extends CallOptions {
  /** **Secret**: the access token that a server refused; the one in use by default. */
  readonly refusedAccessToken?: string | undefined;
}

/**
 * What a store held when it was opened, and what can be made of it. Bound to that login: once the store holds another,
 * whatever needs the store fails with `account_changed` or `logged_out`. Nothing that prints it shows a secret.
 */
export interface ChatgptAuth {
  readonly policy: AgentIdentityPolicy;
  /** What is logged in, by kind; an Agent Identity JWT is not verified here. */
  readonly credentials: StoredCredentials;
  /** The account of a ChatGPT login; `undefined` for credentials of another kind. */
  readonly account: ChatgptAccount | undefined;

  /**
   * The headers of a request made with the ChatGPT bearer token: `Authorization`, `ChatGPT-Account-ID`, and for FedRAMP
   * accounts `X-OpenAI-Fedramp`. Tokens of a managed login are refreshed before if need be (docs/protocol.md section 9).
   *
   * @throws AgentIdentityError `not_chatgpt_auth`, `token_refresh_rejected`, `token_refresh_failed`, `logged_out`,
   * `account_changed`, `workspace_not_allowed`, and those of the store
   */
  bearerHeaders(options?: CallOptions): Promise<Record<string, string>>;

  /**
   * Gets other tokens after a server refused these: those that somebody else stored meanwhile, else new ones.
   *
   * @throws AgentIdentityError as `bearerHeaders`
   */
  refreshTokens(options?: RefreshOptions): Promise<void>;

  /**
   * The agent identity of a managed ChatGPT login, reused or registered, once for all callers; `undefined` with the
   * policy `jwt-only`, and for credentials of another kind (docs/protocol.md section 9).
   *
   * @throws AgentIdentityError `agent_identity_unavailable`, upon which the session goes on with `bearerHeaders`;
   * `incomplete_chatgpt_auth`, `logged_out`, `account_changed`, `workspace_not_allowed`, those of the store and of
   * `bearerHeaders`
   * @throws RegistrationError a registration that was refused for good
   */
  agentIdentityAuth(options?: CallOptions): Promise<AgentIdentityAuth | undefined>;
}
