import { type AuthStore, type ChatgptAuth, openChatgptAuth } from 'chatgpt-auth';
import type { RunScopeState } from '../run/run-scope.js';
import { type StartContext, secureUrlOf } from './start-agent-identity.js';

/** What a store held when the auth was loaded, opened once in each scope that it is used in. */
export interface OpenLogin {
  /** In the scope that it was loaded in. */
  readonly chatgpt: ChatgptAuth;
  /**
   * In any scope: what it registers, refreshes and signs goes by the clock and the effects of that one. The login stays
   * the one that was loaded, whatever the store holds by now.
   */
  openIn(scope: RunScopeState): Promise<ChatgptAuth>;
}

/** @throws AgentIdentityError the codes of chatgpt-auth */
export async function openChatgptLogin(
  store: AuthStore,
  { options, scope }: StartContext,
): Promise<OpenLogin> {
  const text = await store.read();
  const opened = new WeakMap<RunScopeState, Promise<ChatgptAuth>>();
  const openIn = (other: RunScopeState): Promise<ChatgptAuth> => {
    const known = opened.get(other) ?? open(firstReading(text, store), options, other);
    opened.set(other, known);
    return known;
  };
  return { chatgpt: await openIn(scope), openIn };
}

function open(
  store: AuthStore,
  options: StartContext['options'],
  scope: RunScopeState,
): Promise<ChatgptAuth> {
  const { policy, chatgptBaseUrl, authapiBaseUrl, forcedWorkspaceIds, abom } = options;
  const { tokenUrl, clientId } = options;
  const bootstrap = { policy, chatgptBaseUrl, authapiBaseUrl, forcedWorkspaceIds, abom };
  const settings = { store, ...bootstrap, tokenUrl, clientId, ...secureUrlOf(options) };
  return openChatgptAuth(settings, { ...scope.effects, clock: scope.clock.now });
}

/** The store, giving what was read of it before when it is read for the first time. */
function firstReading(text: string | undefined, store: AuthStore): AuthStore {
  let isRead = false;
  return {
    read: async () => {
      if (isRead) return store.read();
      isRead = true;
      return text;
    },
    update: (edit) => store.update(edit),
    withLock: (name, work) => store.withLock(name, work),
  };
}
