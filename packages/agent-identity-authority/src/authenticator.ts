import type { AgentAccount } from './agent-account.js';

/** Tells whose access token it is: the account of a registration comes from the token (protocol section 4). */
export interface Authenticator {
  /**
   * The account of a bearer token, or `undefined` if the token is not accepted (answered 401). One that cannot tell
   * throws or rejects (answered 503): a provider that is down must never look like a refusal.
   *
   * @param accessToken **Secret.** Without the word `Bearer`.
   */
  authenticate(accessToken: string): AgentAccount | undefined | Promise<AgentAccount | undefined>;
  /** Whether it is for development: a server must then listen on loopback only. */
  readonly loopbackOnly?: boolean;
}
