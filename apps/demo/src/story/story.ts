import type { LoopbackWorld } from '../servers/loopback-world.js';
import { chapter, StoryEnded, type TimelineListener } from '../timeline/timeline.js';
import { beRefused } from './be-refused.js';
import { chooseCredentials } from './choose-credentials.js';
import { issueIdentity } from './issue-identity.js';
import { outliveTask } from './outlive-task.js';
import { registerRunTask } from './register-run-task.js';
import { sendRequests } from './send-requests.js';

/** How the story went. */
export interface StoryEnding {
  readonly steps: number;
  readonly notAsTold: number;
}

/** Acts the whole story over HTTP and tells each step as it ends. */
export async function actStory(world: LoopbackWorld, tell: TimelineListener): Promise<StoryEnding> {
  let steps = 0;
  let notAsTold = 0;
  const listen: TimelineListener = (entry) => {
    steps += 1;
    if (!entry.asTold) notAsTold += 1;
    tell(entry);
  };
  try {
    const { record, signingKeys } = await issueIdentity(
      chapter('An agent gets an identity of its own', listen),
      world,
    );
    const auth = await registerRunTask(chapter('Each run registers one task', listen), world, record);
    await sendRequests(chapter('Requests carry a signed assertion and no bearer token', listen), world, auth);
    await chooseCredentials(chapter('Each provider gets its own credentials', listen), world, auth);
    const lastAuth = await outliveTask(chapter('A task may end; the run goes on', listen), world, auth);
    await beRefused(chapter('What must fail, fails', listen), world, lastAuth, signingKeys);
  } catch (error) {
    if (!(error instanceof StoryEnded)) throw error;
  }
  return { steps, notAsTold };
}
