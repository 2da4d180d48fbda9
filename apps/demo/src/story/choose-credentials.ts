import type { AgentIdentityAuth } from 'agent-identity-registry';
import {
  defineProvider,
  loadAuth,
  type ProviderOptions,
  providerFetch,
  resolveProviderAuth,
} from 'provider-auth';
import type { LoopbackWorld } from '../servers/loopback-world.js';
import type { Chapter } from '../timeline/timeline.js';
import { recordingFetch } from './recording-fetch.js';
import { runRecord } from './run-record.js';

/** The same session talks to providers that are none of the authority's: they never see the agent's credentials. */
export async function chooseCredentials(
  step: Chapter,
  { authorityUrl, otherProviderUrl: baseUrl }: LoopbackWorld,
  runAuth: AgentIdentityAuth,
) {
  const auth = await loadAuth({ record: runRecord(runAuth), authapiBaseUrl: authorityUrl });
  const ask = async (options: ProviderOptions) => {
    const { fetch, lastExchange } = recordingFetch();
    const provider = defineProvider(options);
    const authenticated = providerFetch(await resolveProviderAuth({ auth, provider }), { fetch });
    const response = await authenticated(`${baseUrl}/responses`, { method: 'POST', body: '{}' });
    const { credentials_received: received } = (await response.json()) as MirrorAnswer;
    return { ...lastExchange(), credentials: received };
  };

  await step('A provider with an API key of its own gets that key, and nothing of ours', async () => {
    const { credentials, ...exchange } = await ask({
      kind: 'api_key',
      baseUrl,
      apiKey: 'key-of-this-provider',
    });
    const { authorization, ...others } = credentials;
    const isItsOwn = authorization === 'Bearer key-of-this-provider' && Object.keys(others).length === 0;
    return { ...exchange, asTold: isItsOwn };
  });
  await step('A local model without authentication gets nothing', async () => {
    const { credentials, ...exchange } = await ask({ kind: 'no_auth', baseUrl });
    return { ...exchange, asTold: Object.keys(credentials).length === 0 };
  });
}

interface MirrorAnswer {
  readonly credentials_received: Readonly<Record<string, string>>;
}
