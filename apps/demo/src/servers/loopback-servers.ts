import { randomBytes } from 'node:crypto';
import {
  type AgentAccount,
  type Authority,
  createAuthority,
  memoryStore,
  principalTokens,
  staticTokens,
} from 'agent-identity-authority-core';
import { createCredentialEcho } from './echo-credentials.js';
import { createProvider } from './provider.js';
import { type RunningServer, serve } from './serve.js';

/** The servers of the demo, each on a free loopback port. */
export interface LoopbackServers {
  /** Issues identities and registers tasks. The scenario also calls it in-process to issue and revoke. */
  readonly authority: Authority;
  /** **Secret.** The bearer token of the authority's one administrator. */
  readonly administratorToken: string;
  /** Base URL of the AuthAPI and of the JWKS. */
  readonly authorityUrl: string;
  /** Base URL of the Responses API. */
  readonly providerUrl: string;
  /** Base URL of another model provider, which does not use the authority. */
  readonly otherProviderUrl: string;
  /** Sets whether the authority seals the task ids of further registrations. */
  answerTaskRegistrations(form: 'sealed' | 'plain'): void;
  close(): Promise<void>;
}

/** The account that owns the identities of the demo. */
export const demoAccount: AgentAccount = {
  accountId: 'account-demo',
  chatgptUserId: 'user-demo',
  email: 'agent@example.test',
  planType: 'pro',
  isFedramp: false,
};

export async function openLoopbackServers(): Promise<LoopbackServers> {
  let form: 'sealed' | 'plain' = 'plain';
  const administratorToken = randomBytes(32).toString('hex');
  const authority = await createAuthority({
    store: memoryStore(),
    authenticator: staticTokens([]),
    administrators: principalTokens([{ token: administratorToken, name: 'demo' }]),
    sealTaskIds: () => form === 'sealed',
  });
  const servers: RunningServer[] = [];
  const open = async (handler: Parameters<typeof serve>[0]) => {
    const server = await serve(handler);
    servers.push(server);
    return server.origin;
  };
  return {
    authority,
    administratorToken,
    authorityUrl: await open(authority),
    providerUrl: `${await open(createProvider(authority))}/v1`,
    otherProviderUrl: `${await open(createCredentialEcho())}/v1`,
    answerTaskRegistrations(next) {
      form = next;
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await authority.close();
    },
  };
}
