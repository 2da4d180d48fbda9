import type { AgentAccount } from './agent-account.js';

/**
 * Tells whom a bearer token stands for: the account of a registration (docs/protocol.md section 4), or the `Principal` that may
 * administrate or look up.
 */
export interface Authenticator<Subject = AgentAccount> {
  /**
   * Whom a bearer token stands for, or `undefined` if the token is not accepted (answered 401). One that cannot tell
   * throws or rejects (answered 503): a provider that is down must never look like a refusal.
   *
   * @param accessToken **Secret.** Without the word `Bearer`.
   */
  authenticate(accessToken: string): Subject | undefined | Promise<Subject | undefined>;
  /** Whether it is for development: a server must then listen on loopback only. */
  readonly loopbackOnly?: boolean;
}

/** Somebody who may administrate the authority, or a service that may look up agents in it. */
export interface Principal {
  /** Stands in the audit log as who did it; not a secret. */
  readonly name: string;
}
