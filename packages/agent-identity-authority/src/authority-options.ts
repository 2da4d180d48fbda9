import type { Clock, Window } from 'agent-identity-core';
import type { Authenticator } from './authentication/authenticator.js';
import type { OnFailure } from './guarded.js';
import type { GenerateSigningKey } from './signing-keys.js';
import type { AuthorityStore, StoredAgentRuntime } from './store/authority-store.js';

/** What an authority is made of. `Window` is that of task registrations: 300 s either way by default. */
export interface AuthorityOptions extends Window {
  /** Keeps runtimes, tasks and signing keys. Whoever opened it closes it, after the authority. */
  readonly store: AuthorityStore;
  /** Knows whose access tokens register runtimes. */
  readonly authenticator: Authenticator;
  /**
   * The path under which requests reach this authority, such as `/api/accounts`; empty by default. The JWKS is answered
   * under any path, because clients derive it from another base URL (protocol section 6).
   */
  readonly authapiBasePath?: string | undefined;
  /** Whether task ids are sent sealed to the runtime's key (protocol section 5), for all or by runtime; plain by default. */
  readonly sealTaskIds?: boolean | ((runtime: StoredAgentRuntime) => boolean) | undefined;
  /** How long an Agent Identity JWT can be loaded, at most; a day by default. */
  readonly jwtLifetimeSeconds?: number | undefined;
}

/** What an authority may be given in place of the runtime's own. */
export interface AuthorityEffects {
  /** Epoch milliseconds; `Date.now` by default. Responses carry it as their `Date`. */
  readonly clock?: Clock | undefined;
  /** Makes RSA keys of 2048 bits by default, which takes 100 ms or more: once, and at each rotation. */
  readonly generateSigningKey?: GenerateSigningKey | undefined;
  /** Is told what went wrong beneath an answer 5xx; nothing is told by default. */
  readonly onFailure?: OnFailure | undefined;
}
