import type { AgentSigner } from 'agent-identity-core';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import {
  type AuthStore,
  type ChatgptAuth,
  type ChatgptAuthEffects,
  type OpenChatgptAuthOptions,
  openChatgptAuth,
  type StoredCredentials,
} from 'chatgpt-auth';
import { requireCredential, requireKey } from '../credentials/require-credential.js';
import { providerAuthError } from '../errors.js';
import type { RunScopeState } from '../run/run-scope.js';
import type { ResolvedLoadAuthOptions } from './resolve-load-auth-options.js';
import type { SessionAuthDescription } from './session-auth.js';

/** The credentials of a session, before they are used. **Secret.** */
export interface FoundCredentials extends Omit<SessionAuthDescription, 'kind'> {
  readonly credentials: StoredCredentials;
  /** Signs for the record, which has no key then. */
  readonly signer?: AgentSigner | undefined;
  /** The login and its store; `undefined` for credentials that were given directly or in the environment. */
  readonly login?: { readonly chatgpt: ChatgptAuth; readonly store: AuthStore } | undefined;
}

/**
 * Finds the credentials of a session: in the options, else the environment, else the store (docs/protocol.md section 9).
 *
 * @throws AgentIdentityError `conflicting_credentials`, `empty_credentials`, `jwt_as_bearer`, `invalid_argument`, and the
 * codes of chatgpt-auth
 */
export async function findCredentials(
  options: ResolvedLoadAuthOptions,
  scope: RunScopeState,
): Promise<FoundCredentials> {
  const { environment, store } = options;
  const given = findGivenCredentials(options);
  if (given !== undefined) return given;
  const fromEnvironment = environment?.credentials ?? { kind: 'none' };
  if (fromEnvironment.kind !== 'none') {
    const name = fromEnvironment.kind === 'apiKey' ? 'CODEX_API_KEY' : 'CODEX_ACCESS_TOKEN';
    const reason = `${name} is set, which has priority over the store`;
    return { origin: 'environment', reason, credentials: fromEnvironment };
  }
  if (store === undefined) return nothing('no option and no environment variable holds credentials');
  const chatgpt = await openChatgptAuth(chatgptOptions(options, store), chatgptEffects(scope));
  return describeLogin({ origin: 'store', chatgpt, store });
}

function findGivenCredentials(options: ResolvedLoadAuthOptions): FoundCredentials | undefined {
  const { apiKey, jwt, record, signer, personalAccessToken, login } = options;
  const given = Object.entries({ apiKey, jwt, record, personalAccessToken, login }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(' and ');
    throw providerAuthError('conflicting_credentials', `expected one of the credentials, got ${names}`);
  }
  if (signer !== undefined && record === undefined) {
    const message = 'signer: expected the record of its identity beside it, as the option record';
    throw providerAuthError('invalid_argument', message);
  }
  if (login !== undefined) {
    return describeLogin({ origin: login.origin, chatgpt: login.auth, store: login.store });
  }
  const found = { origin: 'option', reason: `the option ${given[0]?.[0]} is given` } as const;
  if (apiKey !== undefined) {
    const key = requireKey(apiKey, 'apiKey');
    return { ...found, credentials: { kind: 'apiKey', apiKey: () => key } };
  }
  if (jwt !== undefined) {
    // A JWT that was read from a file may end with a newline.
    const token = requireCredential(typeof jwt === 'string' ? jwt.trim() : jwt, 'jwt');
    return { ...found, credentials: { kind: 'agentIdentityJwt', jwt: () => token } };
  }
  if (record !== undefined) {
    // With a signer, it has no key, as `readAgentIdentity` requires.
    const credentials = { kind: 'agentIdentityRecord', record: () => record as AgentIdentityRecord } as const;
    return { ...found, credentials, signer };
  }
  if (personalAccessToken === undefined) return undefined;
  const token = requireKey(personalAccessToken, 'personalAccessToken');
  return { ...found, credentials: { kind: 'personalAccessToken', personalAccessToken: () => token } };
}

const contents = {
  chatgpt: 'a ChatGPT login',
  externalChatgpt: 'ChatGPT tokens of another program',
  apiKey: 'an API key',
  personalAccessToken: 'a personal access token',
  agentIdentityJwt: 'an Agent Identity JWT',
  agentIdentityRecord: 'an agent identity record',
  other: 'credentials of another mode',
} as const;

function describeLogin({
  origin,
  chatgpt,
  store,
}: {
  readonly origin: 'environment' | 'store';
  readonly chatgpt: ChatgptAuth;
  readonly store: AuthStore;
}): FoundCredentials {
  const { credentials } = chatgpt;
  if (credentials.kind === 'none') return nothing('the store holds no login');
  const reason = `the ${origin} holds ${contents[credentials.kind]}`;
  return { origin, reason, credentials, login: { chatgpt, store } };
}

function nothing(reason: string): FoundCredentials {
  return { origin: undefined, reason, credentials: { kind: 'none' } };
}

function chatgptOptions(options: ResolvedLoadAuthOptions, store: AuthStore): OpenChatgptAuthOptions {
  const { policy, forcedWorkspaceIds, forcedLoginMethod, abom, clientId, userAgent, originator } = options;
  const { chatgptBaseUrl, authapiBaseUrl, whoamiBaseUrl, tokenUrl, allowPlainHttpHosts } = options;
  const urls = { chatgptBaseUrl, authapiBaseUrl, whoamiBaseUrl, tokenUrl, allowPlainHttpHosts };
  const identification = { userAgent, originator };
  return { store, policy, forcedWorkspaceIds, forcedLoginMethod, abom, clientId, ...identification, ...urls };
}

/** The effects that a login works with in a run. It signs by the clock of the run. */
export function chatgptEffects({ effects, clock }: RunScopeState): ChatgptAuthEffects {
  const { fetch, monotonicClock, sleep, random } = effects;
  return { fetch, monotonicClock, sleep, random, clock: clock.now };
}
