import type { AgentIdentityAuth } from 'agent-identity-registry';
import type { LoopbackServers } from '../servers/loopback-servers.js';
import type { Section } from '../timeline/timeline.js';
import { post } from './post.js';

/** Sends requests with two clones of one auth: one run, one task. */
export async function sendRequests(step: Section, { providerUrl }: LoopbackServers, auth: AgentIdentityAuth) {
  const clone = auth.clone();

  await step('Streamed inference', async () => {
    const body = { model: 'echo-1', input: 'Hello, provider', stream: true };
    const { status, text, ...exchange } = await post(`${providerUrl}/responses`, auth.headers(), body);
    const answered = text.includes('response.completed') && text.includes(auth.runTaskId);
    return { ...exchange, passed: status === 200 && answered };
  });

  await step('Compaction with a clone of the auth uses the same task and registers nothing', async () => {
    const body = { model: 'echo-1', input: [{ role: 'user', content: 'A long conversation' }] };
    const { status, text, ...exchange } = await post(
      `${providerUrl}/responses/compact`,
      clone.headers(),
      body,
    );
    const compacted = text.includes('response.compaction');
    return { ...exchange, passed: status === 200 && compacted && clone.runTaskId === auth.runTaskId };
  });
}
