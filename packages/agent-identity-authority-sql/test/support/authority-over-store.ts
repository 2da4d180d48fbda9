import {
  type Authority,
  type AuthorityStore,
  createAuthority,
  type OnFailure,
  staticTokens,
} from 'agent-identity-authority-core';
import { type AgentKey, generateAgentKey, type SignedTaskRegistration } from 'agent-identity-core';
import { registrationBody } from 'test-support';

/** 2026-04-23T00:00:00Z, in milliseconds. */
export const now: number = Date.parse('2026-04-23T00:00:00Z');

const token = 'access-token-of-account-1';
const account = { accountId: 'account-1', chatgptUserId: 'user-1', planType: 'business', isFedramp: false };

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  readonly body: any;
}

export interface AuthorityOverStore {
  readonly authority: Authority;
  get(path: string): Promise<Answer>;
  /** Registers a runtime with the account's access token. */
  register(agentKey?: AgentKey, changes?: Record<string, unknown>): Promise<Answer>;
  registerTask(agentRuntimeId: string, registration: SignedTaskRegistration): Promise<Answer>;
}

/** Creates an authority over a store, at a fixed time, for an account with these capabilities. Its requests need no network. */
export async function authorityOverStore(
  store: AuthorityStore,
  onFailure: OnFailure,
  capabilities: readonly string[] = [],
): Promise<AuthorityOverStore> {
  const authenticator = staticTokens([{ token, account: { ...account, capabilities } }]);
  const authority = await createAuthority({ store, authenticator, onFailure }, { clock: () => now });
  const send = async (path: string, init?: RequestInit) => {
    const response = await authority.fetch(new Request(`http://authority.example${path}`, init));
    return { status: response.status, body: await response.json() };
  };
  return {
    authority,
    get: (path) => send(path),
    register: (agentKey = generateAgentKey(), changes = {}) =>
      send('/v1/agent/register', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(registrationBody(agentKey.publicKey.ssh, changes)),
      }),
    registerTask: (agentRuntimeId, registration) =>
      send(`/v1/agent/${agentRuntimeId}/task/register`, {
        method: 'POST',
        body: JSON.stringify(registration),
      }),
  };
}
