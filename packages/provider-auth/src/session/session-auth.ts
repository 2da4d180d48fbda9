import { invalidArgument } from 'agent-identity-core/http';
import type { CredentialSource } from '../credentials/credential-source.js';
import type { InstanceCredential } from '../instances/instance-binder.js';
import type { RunScope, RunScopeState } from '../run/run-scope.js';

/** How a session authenticates. */
export type SessionAuthKind = 'none' | 'api_key' | 'personal_access_token' | 'chatgpt' | 'agent_identity';

/** Where the credentials came from: an option of `loadAuth`, the given environment, or the given store. */
export type SessionAuthOrigin = 'option' | 'environment' | 'store';

/** The chosen credentials and the reason. Contains no secrets. */
export interface SessionAuthDescription {
  readonly kind: SessionAuthKind;
  /** `undefined` if nothing was found. */
  readonly origin: SessionAuthOrigin | undefined;
  /** A human-readable sentence. */
  readonly reason: string;
}

/** The authentication of a session, independent of a provider. Printing it shows no secret. */
export interface SessionAuth {
  readonly kind: SessionAuthKind;
  /** Returns what was chosen and why, without secrets. */
  describe(): SessionAuthDescription;
}

/** The credentials of a session. **Secret.** */
export interface SessionCredentials {
  readonly kind: SessionAuthKind;
  /**
   * Opens the credentials for first-party providers in a run. All providers of a run share its one task.
   *
   * @throws AgentIdentityError `no_credentials`, and the codes of chatgpt-auth for a ChatGPT login
   */
  openSource(scope: RunScopeState, target: SourceTarget): Promise<CredentialSource>;
  /** Returns the credential that registers an instance; `undefined` for credentials that cannot register one. */
  readonly openInstanceCredential?: ((scope: RunScopeState) => InstanceCredential) | undefined;
}

/** The provider that a source is opened for. */
interface SourceTarget {
  readonly baseUrl: string;
  /** Ends this caller's wait. */
  readonly signal: AbortSignal | undefined;
}

/** The internals of a {@link SessionAuth}. **Secret.** */
export interface SessionInternals {
  readonly credentials: SessionCredentials;
  /** The run that the auth was loaded in. */
  readonly scope: RunScope;
}

const internals = new WeakMap<SessionAuth, SessionInternals>();

/** Creates the auth; its credentials stay outside of it, so that nothing can print them. */
export function bindInternals(
  description: Omit<SessionAuthDescription, 'kind'>,
  bound: SessionInternals,
): SessionAuth {
  const described: SessionAuthDescription = Object.freeze({ kind: bound.credentials.kind, ...description });
  const auth: SessionAuth = Object.freeze({ kind: described.kind, describe: () => described });
  internals.set(auth, bound);
  return auth;
}

export function isSessionAuth(value: unknown): value is SessionAuth {
  return typeof value === 'object' && value !== null && internals.has(value as SessionAuth);
}

/** @throws AgentIdentityError `invalid_argument` */
export function internalsOf(auth: SessionAuth): SessionInternals {
  const bound = internals.get(auth);
  if (bound === undefined) throw invalidArgument('auth', 'the result of loadAuth', auth);
  return bound;
}
