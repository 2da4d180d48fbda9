import type { AgentIdentityAuth } from 'agent-identity-registry';
import { type DefineProviderOptions, loadAuth, providerFetch } from 'provider-auth';
import type { LoopbackServers } from '../servers/loopback-servers.js';
import type { Section } from '../timeline/timeline.js';
import { recordingFetch } from './recording-fetch.js';
import { runRecord } from './run-record.js';

/** Sends requests of the same session to other providers, which must never get the agent's credentials. */
export async function chooseCredentials(
  step: Section,
  { authorityUrl, otherProviderUrl: baseUrl }: LoopbackServers,
  runAuth: AgentIdentityAuth,
) {
  const auth = await loadAuth({ record: runRecord(runAuth), authapiBaseUrl: authorityUrl });
  const ask = async (provider: DefineProviderOptions) => {
    const { fetch, lastExchange } = recordingFetch();
    const authenticated = providerFetch(auth, provider, { fetch });
    const response = await authenticated(`${baseUrl}/responses`, { method: 'POST', body: '{}' });
    const { credentials_received: received } = (await response.json()) as CredentialEcho;
    return { ...lastExchange(), credentials: received };
  };

  await step('A provider with its own API key gets that key and nothing else', async () => {
    const { credentials, ...exchange } = await ask({
      kind: 'api_key',
      baseUrl,
      apiKey: 'key-of-this-provider',
    });
    const { authorization, ...others } = credentials;
    const gotOnlyItsKey = authorization === 'Bearer key-of-this-provider' && Object.keys(others).length === 0;
    return { ...exchange, passed: gotOnlyItsKey };
  });
  await step('A local model without authentication gets nothing', async () => {
    const { credentials, ...exchange } = await ask({ kind: 'no_auth', baseUrl });
    return { ...exchange, passed: Object.keys(credentials).length === 0 };
  });
}

interface CredentialEcho {
  readonly credentials_received: Readonly<Record<string, string>>;
}
