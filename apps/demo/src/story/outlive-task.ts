import { type AgentIdentityAuth, startAgentIdentityAuth } from 'agent-identity-registry';
import { createRunScope, defineProvider, loadAuth, providerFetch, resolveProviderAuth } from 'provider-auth';
import type { LoopbackWorld } from '../servers/loopback-world.js';
import type { Chapter } from '../timeline/timeline.js';
import { recordingFetch } from './recording-fetch.js';
import { runRecord } from './run-record.js';

/** The authority ends the task of the run: `providerFetch` replaces it once and repeats the request. */
export async function outliveTask(
  step: Chapter,
  { authority, authorityUrl: authapiBaseUrl, providerUrl: baseUrl }: LoopbackWorld,
  runAuth: AgentIdentityAuth,
) {
  const { fetch, exchanges } = recordingFetch();
  const record = runRecord(runAuth);
  const auth = await loadAuth({ record, authapiBaseUrl, scope: createRunScope({}, { fetch }) });
  const provider = defineProvider({ kind: 'first_party', baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  const { agent_runtime_id: agentRuntimeId, task_id: endedTaskId = '' } = record;
  await authority.revokeAgentTask({ agentRuntimeId, taskId: endedTaskId });

  await step('A request under the ended task: refused, replaced, repeated', async () => {
    const body = JSON.stringify({ model: 'echo-1', input: 'Are you still there?' });
    const response = await providerFetch(resolved, { fetch })(`${baseUrl}/responses`, {
      method: 'POST',
      body,
    });
    const taskId = resolved.actingAgent?.taskId;
    return {
      sent: `one request, by a fetch that knows the run; over the wire went\n${summaries(exchanges)}`,
      received: `${response.status}, under the new task ${taskId}`,
      asTold: response.ok && exchanges.length === 3 && taskId !== endedTaskId,
    };
  });
  const taskId = resolved.actingAgent?.taskId;
  return startAgentIdentityAuth({ ...record, task_id: taskId }, { authapiBaseUrl });
}

function summaries(exchanges: readonly { readonly summary: string }[]): string {
  return exchanges.map(({ summary }) => summary).join('\n');
}
