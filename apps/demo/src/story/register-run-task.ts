import { setTimeout } from 'node:timers/promises';
import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import { startAgentIdentityAuth } from 'agent-identity-registry';
import type { LoopbackWorld } from '../servers/loopback-world.js';
import type { Chapter } from '../timeline/timeline.js';
import { recordingFetch } from './recording-fetch.js';

/** A run registers one task, which belongs to the authority: the agent sends a signed time and nothing else. */
export async function registerRunTask(
  step: Chapter,
  { authorityUrl, answerTaskRegistrations }: LoopbackWorld,
  record: AgentIdentityRecord,
) {
  const start = async (form: 'sealed' | 'plain') => {
    const { fetch, lastExchange } = recordingFetch();
    answerTaskRegistrations(form);
    const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: authorityUrl }, { fetch });
    const { sent, received } = lastExchange();
    return { sent, received: `${received}\nthe task of this run is ${auth.runTaskId}`, auth };
  };
  const first = await step('A run registers its task; the answer is sealed to the agent key', () =>
    start('sealed'),
  );
  await nextSecond();
  const { auth } = await step('Another run registers its own; the answer is plain', async () => {
    const second = await start('plain');
    return { ...second, asTold: second.auth.runTaskId !== first.auth.runTaskId };
  });
  return auth;
}

/** Within one second both runs would sign the same bytes, and a repeated registration gets the same task. */
function nextSecond(): Promise<void> {
  return setTimeout(1000 - (Date.now() % 1000));
}
