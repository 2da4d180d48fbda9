import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import type { IdTokenClaims } from '../account/id-token-claims.js';

/** The tokens of a ChatGPT login. **Secret.** */
export interface ChatgptTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The account that the login was made for, if stored beside the tokens. */
  readonly accountId: string | undefined;
  /** Epoch milliseconds. */
  readonly lastRefresh: number | undefined;
}

/** A ChatGPT login, managed (refreshed by us) or supplied and refreshed by somebody else. */
export interface ChatgptCredentials {
  readonly kind: 'chatgpt' | 'externalChatgpt';
  /** Out of the id token, decoded and not verified. */
  readonly claims: IdTokenClaims;
  tokens(): ChatgptTokens;
  /** The record that an opt-in left beside the login; a stored JWT is never taken for one (docs/protocol.md section 9). */
  storedRecord(): AgentIdentityRecord | undefined;
}

/**
 * What a store holds, by kind. Secrets come out of functions only, so that nothing that prints, spreads or writes
 * credentials as JSON shows one.
 *
 * | kind | credentials |
 * |---|---|
 * | `none` | nobody is logged in |
 * | `chatgpt` | a ChatGPT login, the only kind that the opt-in acts on |
 * | `externalChatgpt` | ChatGPT tokens that somebody else keeps fresh |
 * | `apiKey`, `personalAccessToken` | a key or token that is sent as it is |
 * | `agentIdentityJwt` | an Agent Identity JWT, **not verified**: that is agent-identity-jwt's to do |
 * | `agentIdentityRecord` | an agent identity as a record |
 * | `other` | a mode that this package does not act on; `mode` is its name |
 */
export type StoredCredentials =
  | { readonly kind: 'none' }
  | ChatgptCredentials
  | { readonly kind: 'apiKey'; apiKey(): string }
  | { readonly kind: 'personalAccessToken'; personalAccessToken(): string }
  | { readonly kind: 'agentIdentityJwt'; jwt(): string }
  | { readonly kind: 'agentIdentityRecord'; record(): AgentIdentityRecord }
  | { readonly kind: 'other'; readonly mode: string };
