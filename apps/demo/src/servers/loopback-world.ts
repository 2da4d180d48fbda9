import {
  type AgentAccount,
  type Authority,
  createAuthority,
  memoryStore,
  staticTokens,
} from 'agent-identity-authority';
import { createMirror } from './mirror.js';
import { createProvider } from './provider.js';
import { type RunningServer, serve } from './serve.js';

/** Whom an agent deals with, each on a free loopback port. */
export interface LoopbackWorld {
  /** Issues identities and registers tasks; in this process, too, so that the story can issue and revoke. */
  readonly authority: Authority;
  /** AuthAPI base, and base of the JWKS URL. */
  readonly authorityUrl: string;
  /** Base of the Responses API. */
  readonly providerUrl: string;
  /** Base of another model provider, which has nothing to do with the authority. */
  readonly otherProviderUrl: string;
  /** Says how the authority answers the next task registrations. */
  answerTaskRegistrations(form: 'sealed' | 'plain'): void;
  close(): Promise<void>;
}

/** Whom the identities of the demo are issued to. */
export const demoAccount: AgentAccount = {
  accountId: 'account-demo',
  chatgptUserId: 'user-demo',
  email: 'agent@example.test',
  planType: 'business',
  isFedramp: false,
};

export async function openLoopbackWorld(): Promise<LoopbackWorld> {
  let form: 'sealed' | 'plain' = 'plain';
  const authority = await createAuthority({
    store: memoryStore(),
    authenticator: staticTokens([]),
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
    authorityUrl: await open(authority),
    providerUrl: `${await open(createProvider(authority))}/v1`,
    otherProviderUrl: `${await open(createMirror())}/v1`,
    answerTaskRegistrations(next) {
      form = next;
    },
    async close() {
      await Promise.all(servers.map((server) => server.close()));
      await authority.close();
    },
  };
}
