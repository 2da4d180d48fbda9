import { setTimeout } from 'node:timers/promises';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { startAgentIdentityAuth } from 'agent-identity-registry';
import type { LoopbackServers } from '../servers/loopback-servers.js';
import type { Section } from '../timeline/timeline.js';
import { recordingFetch } from './recording-fetch.js';

/** Registers one task for each of two runs. The agent sends only a signed timestamp; the authority chooses the task id. */
export async function registerRunTask(
  step: Section,
  { authorityUrl, answerTaskRegistrations }: LoopbackServers,
  record: AgentIdentityRecord,
) {
  const start = async (form: 'sealed' | 'plain') => {
    const { fetch, lastExchange } = recordingFetch();
    answerTaskRegistrations(form);
    const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: authorityUrl }, { fetch });
    const { sent, received } = lastExchange();
    return { sent, received: `${received}\nthe task of this run is ${auth.runTaskId}`, auth };
  };
  const first = await step('A run registers its task; the response is sealed to the agent key', () =>
    start('sealed'),
  );
  await nextSecond();
  const { auth } = await step('Another run registers its own task; the response is plain', async () => {
    const second = await start('plain');
    return { ...second, passed: second.auth.runTaskId !== first.auth.runTaskId };
  });
  return auth;
}

/** Within one second both runs would sign the same bytes, and repeating a registration returns the same task. */
function nextSecond(): Promise<void> {
  return setTimeout(1000 - (Date.now() % 1000));
}
