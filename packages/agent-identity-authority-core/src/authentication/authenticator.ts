import type { AgentAccount } from './agent-account.js';

/**
 * Maps bearer tokens to subjects: to the account that registers a runtime (docs/protocol.md section 4), or to the
 * `Administrator` of the authority, or the `Principal` that looks up agents.
 */
export interface Authenticator<Subject = AgentAccount> {
  /**
   * Returns the subject of a bearer token, or `undefined` to refuse the token (401). Throw an `AgentIdentityError` with the
   * code `insufficient_scope` for a valid token without the required role (403), and anything else if you cannot decide
   * (503): a provider that is down must never look like a refusal.
   *
   * @param accessToken **Secret.** Without the word `Bearer`.
   */
  authenticate(accessToken: string): Subject | undefined | Promise<Subject | undefined>;
  /** Whether it is for development: the server must then listen on loopback only. */
  readonly loopbackOnly?: boolean | undefined;
}

/** A service that looks up agents, or an {@link Administrator}. */
export interface Principal {
  /** Identifies the principal in the audit log; not a secret. */
  readonly name: string;
}
