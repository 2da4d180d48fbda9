import type { Clock, ValidityWindow } from 'agent-identity-core';
import type { Authenticator, Principal } from './authentication/authenticator.js';
import type { ClientAddressOf } from './http/access.js';
import type { RequestLogEntry } from './http/authority-app.js';
import type { RateLimits } from './http/rate-limits.js';
import type { StoredAgentRuntime } from './runtimes/runtime-store.js';
import type { GenerateSigningKey } from './signing-keys/signing-keys.js';
import type { AuthorityStore } from './store/authority-store.js';
import type { OnFailure } from './to-unavailable.js';

/** What an authority is made of. `ValidityWindow` is that of task registrations: 300 s either way by default. */
export interface AuthorityOptions extends ValidityWindow {
  /** Keeps runtimes, tasks and signing keys. Whoever opened it closes it, after the authority. */
  readonly store: AuthorityStore;
  /** Knows whose access tokens register runtimes. */
  readonly authenticator: Authenticator;
  /** Knows who may administrate; without it there are no operations of administrators. */
  readonly administrators?: Authenticator<Principal> | undefined;
  /** Knows which services may look up agents; without it there is no directory over HTTP. */
  readonly verifiers?: Authenticator<Principal> | undefined;
  /**
   * The path under which requests reach this authority, such as `/api/accounts`; empty by default. The JWKS is answered
   * under any path, because clients derive it from another base URL (docs/protocol.md section 6).
   */
  readonly authapiBasePath?: string | undefined;
  /** Whether task ids are sent sealed to the runtime's key (docs/protocol.md section 5), for all or by runtime; plain by default. */
  readonly sealTaskIds?: boolean | ((runtime: StoredAgentRuntime) => boolean) | undefined;
  /** How long an Agent Identity JWT can be loaded, at most; a day by default. */
  readonly jwtLifetimeSeconds?: number | undefined;
  /**
   * How long a task may go without a look-up of it before it expires, an hour or more; for ever by default, because
   * clients use a stored task for good (docs/protocol.md section 11).
   */
  readonly taskIdleTtlSeconds?: number | undefined;
  /**
   * How long a runtime or task that was found is not asked for again, 0 to 5; 0 by default. With several nodes on one
   * database, a revocation by another node is seen that much later at most, if the notification of it was lost.
   */
  readonly lookupCacheSeconds?: number | undefined;
  /**
   * How long a verifier may keep an answer of the directory, 0 to 5; 2 by default. A revocation is seen that much later
   * at most.
   */
  readonly directoryMaxAgeSeconds?: number | undefined;
  /** By default 600 requests a minute of an address, and 60 a minute of a runtime. */
  readonly rateLimits?: Partial<RateLimits> | undefined;
  /**
   * Tells a client's address, for the limit per address; there is none without it. Such as
   * `(_request, env) => env.incoming.socket.remoteAddress` behind `@hono/node-server`.
   */
  readonly clientAddressOf?: ClientAddressOf | undefined;
}

/** What an authority may be given in place of the runtime's own. */
export interface AuthorityEffects {
  /** Epoch milliseconds; `Date.now` by default. Responses carry it as their `Date`. */
  readonly clock?: Clock | undefined;
  /** Makes RSA keys of 2048 bits by default, which takes 100 ms or more: once, and at each rotation. */
  readonly generateSigningKey?: GenerateSigningKey | undefined;
  /** Is told what went wrong beneath an answer 5xx; nothing is told by default. */
  readonly onFailure?: OnFailure | undefined;
  /** Is told of each answer, for metrics and logs; within the asynchronous context of its request. */
  readonly onAnswer?: ((answered: RequestLogEntry) => void) | undefined;
}
