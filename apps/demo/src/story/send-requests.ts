import type { AgentIdentityAuth } from 'agent-identity-registry';
import type { LoopbackWorld } from '../servers/loopback-world.js';
import type { Chapter } from '../timeline/timeline.js';
import { post } from './post.js';

/** Two clones of one auth send requests: one run, one task, a signature for each second. */
export async function sendRequests(step: Chapter, { providerUrl }: LoopbackWorld, auth: AgentIdentityAuth) {
  const clone = auth.clone();

  await step('Inference, streamed', async () => {
    const body = { model: 'echo-1', input: 'Hello, provider', stream: true };
    const { status, text, ...exchange } = await post(`${providerUrl}/responses`, auth.headers(), body);
    const answered = text.includes('response.completed') && text.includes(auth.runTaskId);
    return { ...exchange, asTold: status === 200 && answered };
  });

  await step('Compaction by a clone of the auth: the same task, and no other registration', async () => {
    const body = { model: 'echo-1', input: [{ role: 'user', content: 'A long conversation' }] };
    const { status, text, ...exchange } = await post(
      `${providerUrl}/responses/compact`,
      clone.headers(),
      body,
    );
    const compacted = text.includes('response.compaction');
    return { ...exchange, asTold: status === 200 && compacted && clone.runTaskId === auth.runTaskId };
  });
}
