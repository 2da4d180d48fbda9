import { type AuthStore, readStoredTask, replaceStoredTask } from 'chatgpt-auth';
import { requireSessionKey } from '../credential.js';
import { providerAuthError } from '../errors.js';
import type { AgentIdentitySource, TaskStore } from '../run/agent-identity-source.js';
import type { AuthCredentials, AuthDescription } from './auth.js';
import { type OpenLogin, openChatgptLogin } from './open-chatgpt-login.js';
import { registrationOf, type StartContext, startFromJwt, startFromRecord } from './start-agent-identity.js';

/** Credentials that are ready to be used, and why they were chosen. **Secret.** */
export interface LoadedAuth {
  readonly description: Omit<AuthDescription, 'kind'>;
  readonly credentials: AuthCredentials;
}

export function started(description: LoadedAuth['description'], source: AgentIdentitySource): LoadedAuth {
  return { description, credentials: { kind: 'agent_identity', source } };
}

/**
 * Loads what is logged in at the store (docs/protocol.md section 9).
 *
 * @throws AgentIdentityError the codes of chatgpt-auth; `unsupported_credentials` for a mode that nothing can be
 * signed with
 */
export async function loadStored(context: StartContext): Promise<LoadedAuth> {
  const { store } = context.options;
  if (store === undefined)
    return nothing('no credentials were given, the environment has none, and there is no store');
  const login = await openChatgptLogin(store, context);
  const { credentials } = login.chatgpt;
  const because = (what: string) => ({ origin: 'store', reason: `the store holds ${what}` }) as const;
  switch (credentials.kind) {
    case 'none':
      return nothing('nobody is logged in at the store, and nothing else gives credentials');
    case 'chatgpt':
    case 'externalChatgpt':
      return {
        description: because('a ChatGPT login'),
        credentials: chatgptCredentials(login, store, context),
      };
    case 'apiKey':
      return bearer('api_key', credentials.apiKey(), because('an API key'));
    case 'personalAccessToken':
      return bearer(
        'personal_access_token',
        credentials.personalAccessToken(),
        because('a personal access token'),
      );
    case 'agentIdentityJwt':
      return started(because('an Agent Identity JWT'), await startFromJwt(credentials.jwt(), context));
    case 'agentIdentityRecord': {
      const source = await startFromRecord(credentials.record(), context, taskStoreOf(store));
      return started(because('an agent identity record'), source);
    }
    default:
      throw providerAuthError(
        'unsupported_credentials',
        'store: expected an API key, a token, a ChatGPT login or an agent identity, got credentials of another mode',
      );
  }
}

function chatgptCredentials(login: OpenLogin, store: AuthStore, { options }: StartContext): AuthCredentials {
  return {
    kind: 'chatgpt',
    ...login,
    registration: () => registrationOf(options),
    taskStore: taskStoreOf(store),
  };
}

function taskStoreOf(store: AuthStore): TaskStore {
  return {
    readTask: (agentRuntimeId) => readStoredTask(store, agentRuntimeId),
    exclusively: (work) => store.withLock('bootstrap', work),
    replaceTask: (replacement) => replaceStoredTask(store, replacement),
  };
}

function bearer(
  kind: 'api_key' | 'personal_access_token',
  token: string,
  description: LoadedAuth['description'],
): LoadedAuth {
  return { description, credentials: { kind, token: requireSessionKey(token, 'store') } };
}

function nothing(reason: string): LoadedAuth {
  return { description: { origin: undefined, reason }, credentials: { kind: 'none' } };
}
