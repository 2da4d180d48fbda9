import { createHash, randomBytes } from 'node:crypto';
import {
  type AgentAccount,
  type Authority,
  administratorTokens,
  createAuthority,
  credentialDigests,
  memoryStore,
  staticTokens,
} from 'agent-identity-authority-core';
import type { AgentActor } from 'agent-identity-verifier';
import { createCredentialEcho } from './echo-credentials.js';
import { createProvider } from './provider.js';
import { type RunningServer, serve } from './serve.js';

/** The servers of the demo, each on a free loopback port. */
export interface LoopbackServers {
  /** Issues identities and registers tasks. The scenario also calls it in-process to issue and revoke. */
  readonly authority: Authority;
  /** **Secret.** The bearer token of the authority's one administrator. */
  readonly administratorToken: string;
  /** **Secret.** The API key of a person of the organization `org-demo`, which registers runtime agent instances. */
  readonly apiKey: string;
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

/** Whom the API key belongs to. */
const apiKeyOwner: AgentActor = {
  kind: 'platform',
  userId: 'user-demo',
  organizationId: 'org-demo',
  projectId: null,
};

export async function openLoopbackServers(): Promise<LoopbackServers> {
  let form: 'sealed' | 'plain' = 'plain';
  const administratorToken = randomBytes(32).toString('hex');
  const apiKey = `demo-key-${randomBytes(32).toString('hex')}`;
  const sha256 = createHash('sha256').update(apiKey).digest('hex');
  const authority = await createAuthority({
    store: memoryStore(),
    authenticator: staticTokens([]),
    administrators: administratorTokens([{ token: administratorToken, name: 'demo', role: 'administrator' }]),
    actors: { platformApiKey: credentialDigests([{ sha256, actor: apiKeyOwner }]) },
    sealTaskIds: () => form === 'sealed',
  });
  const servers: RunningServer[] = [];
  const open = async (handler: Parameters<typeof serve>[0]) => {
    const server = await serve(handler);
    servers.push(server);
    return server.origin;
  };
  const provider = createProvider({
    directory: authority.directory,
    verifyBearer: (token) => (token === apiKey ? apiKeyOwner : undefined),
  });
  return {
    authority,
    administratorToken,
    apiKey,
    authorityUrl: await open(authority),
    providerUrl: `${await open(provider)}/v1`,
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
