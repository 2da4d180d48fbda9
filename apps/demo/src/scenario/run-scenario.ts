import type { LoopbackServers } from '../servers/loopback-servers.js';
import { ScenarioAborted, section, type TimelineListener } from '../timeline/timeline.js';
import { checkRefusals } from './check-refusals.js';
import { chooseCredentials } from './choose-credentials.js';
import { issueIdentity } from './issue-identity.js';
import { registerRunTask } from './register-run-task.js';
import { replaceEndedTask } from './replace-ended-task.js';
import { sendRequests } from './send-requests.js';
import { useInstance } from './use-instance.js';

/** The number of steps that ran and of those that failed. */
export interface ScenarioResult {
  readonly steps: number;
  readonly failed: number;
}

/** Runs the whole scenario over HTTP and reports each step when it ends. */
export async function runScenario(
  servers: LoopbackServers,
  onStep: TimelineListener,
): Promise<ScenarioResult> {
  let steps = 0;
  let failed = 0;
  const listen: TimelineListener = (entry) => {
    steps += 1;
    if (!entry.passed) failed += 1;
    onStep(entry);
  };
  try {
    const { record, signingKeys } = await issueIdentity(
      section('An agent gets its own identity', listen),
      servers,
    );
    const auth = await registerRunTask(section('Each run registers one task', listen), servers, record);
    await sendRequests(
      section('Requests carry a signed assertion and no bearer token', listen),
      servers,
      auth,
    );
    await chooseCredentials(section('Each provider gets its own credentials', listen), servers, auth);
    const lastAuth = await replaceEndedTask(section('A task ends; the run continues', listen), servers, auth);
    await useInstance(section('The second generation: an assertion for each request', listen), servers);
    await checkRefusals(section('Invalid requests are refused', listen), servers, lastAuth, signingKeys);
  } catch (error) {
    if (!(error instanceof ScenarioAborted)) throw error;
  }
  return { steps, failed };
}
