import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import type { IdTokenClaims } from '../account/id-token-claims.js';

/** Why an agent runtime can never be used again (docs/protocol.md section 11). */
export type TerminalReason = 'agent_runtime_deleted' | 'invalid_agent_runtime_id';

/** The tokens of a ChatGPT login. **Secret.** */
export interface ChatgptTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The account that the login was made for, if it is stored beside the tokens. */
  readonly accountId: string | undefined;
  /** Epoch milliseconds. */
  readonly lastRefresh: number | undefined;
}

/** A ChatGPT login: managed, so refreshed by us, or supplied and refreshed by another program. */
export interface ChatgptCredentials {
  readonly kind: 'chatgpt' | 'externalChatgpt';
  /** From the id token, decoded and not verified. */
  readonly claims: IdTokenClaims;
  tokens(): ChatgptTokens;
  /** The record that an opt-in stored beside the login; a stored JWT never counts as one (docs/protocol.md section 9). */
  storedRecord(): AgentIdentityRecord | undefined;
  /** See `rememberTerminalState`. Concerns the stored record only, and not the bearer token. */
  readonly terminalReason?: TerminalReason | undefined;
}

/**
 * The credentials of a store, by kind. Secrets are behind functions, so that printing, spreading or serializing
 * credentials shows none.
 *
 * | kind | credentials |
 * |---|---|
 * | `none` | no login |
 * | `chatgpt` | a ChatGPT login, the only kind that the opt-in uses |
 * | `externalChatgpt` | ChatGPT tokens that another program refreshes |
 * | `apiKey`, `personalAccessToken` | a key or token that is sent unchanged |
 * | `agentIdentityJwt` | an Agent Identity JWT, **not verified**; agent-identity-jwt verifies it |
 * | `agentIdentityRecord` | an agent identity as a record |
 * | `other` | a mode that this package does not support; `mode` is its name |
 *
 * An agent identity with a `terminalReason` can never be used again; see `rememberTerminalState`.
 */
export type StoredCredentials =
  | { readonly kind: 'none' }
  | ChatgptCredentials
  | { readonly kind: 'apiKey'; apiKey(): string }
  | { readonly kind: 'personalAccessToken'; personalAccessToken(): string }
  | {
      readonly kind: 'agentIdentityJwt';
      jwt(): string;
      readonly terminalReason?: TerminalReason | undefined;
    }
  | {
      readonly kind: 'agentIdentityRecord';
      record(): AgentIdentityRecord;
      readonly terminalReason?: TerminalReason | undefined;
    }
  | { readonly kind: 'other'; readonly mode: string };
