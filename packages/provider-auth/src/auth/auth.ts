import { describeType } from 'agent-identity-core';
import type { StartAgentIdentityAuthOptions } from 'agent-identity-registry';
import { providerAuthError } from '../errors.js';
import type { AgentIdentitySource, TaskStore } from '../run/agent-identity-source.js';
import type { RunScope } from '../run/run-scope.js';
import type { OpenLogin } from './open-chatgpt-login.js';

/** What the session authenticates with. */
export type AuthKind = 'none' | 'api_key' | 'personal_access_token' | 'chatgpt' | 'agent_identity';

/** Where it came from: an option of `loadAuth`, a variable of the given environment, or the given store. */
export type AuthOrigin = 'option' | 'environment' | 'store';

/** What was chosen, and why. Nothing in it is secret. */
export interface AuthDescription {
  readonly kind: AuthKind;
  /** `undefined` where nothing was found. */
  readonly origin: AuthOrigin | undefined;
  /** A sentence for people. */
  readonly reason: string;
}

/** The authentication of a session, before any provider is looked at. It holds no secret that could be printed. */
export interface Auth {
  readonly kind: AuthKind;
  /** What was chosen and why, without secrets. */
  describe(): AuthDescription;
}

/** What is inside an auth. **Secret.** */
export type AuthCredentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'api_key' | 'personal_access_token'; readonly token: string }
  | { readonly kind: 'agent_identity'; readonly source: AgentIdentitySource }
  | ChatgptCredentials;

/** A ChatGPT login, and what an agent identity that it may obtain is registered and kept with. */
export interface ChatgptCredentials extends OpenLogin {
  readonly kind: 'chatgpt';
  /** @throws AgentIdentityError `unknown_chatgpt_base_url` and the like */
  registration(): StartAgentIdentityAuthOptions;
  readonly taskStore: TaskStore;
}

interface SealedAuth {
  readonly credentials: AuthCredentials;
  readonly scope: RunScope;
}

const sealedAuths = new WeakMap<Auth, SealedAuth>();

/** Makes the auth of a run; its credentials stay outside of it. */
export function sealAuth(description: Omit<AuthDescription, 'kind'>, sealed: SealedAuth): Auth {
  const described: AuthDescription = Object.freeze({ kind: sealed.credentials.kind, ...description });
  const auth: Auth = Object.freeze({ kind: described.kind, describe: () => described });
  sealedAuths.set(auth, sealed);
  return auth;
}

/** @throws AgentIdentityError `invalid_argument` */
export function openAuth(auth: Auth): SealedAuth {
  const sealed = sealedAuths.get(auth);
  if (sealed !== undefined) return sealed;
  throw providerAuthError(
    'invalid_argument',
    `auth: expected what loadAuth gives, got ${describeType(auth)}`,
  );
}
