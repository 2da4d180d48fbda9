import { type AgentIdentityAuth, startAgentIdentityAuth } from 'agent-identity-registry';
import { createRunScope, defineProvider, loadAuth, providerFetch, resolveProviderAuth } from 'provider-auth';
import type { LoopbackServers } from '../servers/loopback-servers.js';
import type { Section } from '../timeline/timeline.js';
import { recordingFetch } from './recording-fetch.js';
import { runRecord } from './run-record.js';

/** Ends the run's task in the authority. `providerFetch` must register one replacement and repeat the request. */
export async function replaceEndedTask(
  step: Section,
  { authority, authorityUrl: authapiBaseUrl, providerUrl: baseUrl }: LoopbackServers,
  runAuth: AgentIdentityAuth,
) {
  const { fetch, exchanges } = recordingFetch();
  const record = runRecord(runAuth);
  const auth = await loadAuth({ record, authapiBaseUrl, scope: createRunScope({}, { fetch }) });
  const provider = defineProvider({ kind: 'first_party', baseUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  const { agent_runtime_id: agentRuntimeId, task_id: endedTaskId = '' } = record;
  await authority.revokeAgentTask({ agentRuntimeId, taskId: endedTaskId });

  await step(
    'A request under the ended task is refused; the task is replaced and the request repeated',
    async () => {
      const body = JSON.stringify({ model: 'echo-1', input: 'Are you still there?' });
      const response = await providerFetch(resolved, { fetch })(`${baseUrl}/responses`, {
        method: 'POST',
        body,
      });
      const taskId = resolved.actingAgent?.taskId;
      return {
        sent: `one request with providerFetch, which sent\n${summaries(exchanges)}`,
        received: `${response.status}, under the new task ${taskId}`,
        passed: response.ok && exchanges.length === 3 && taskId !== endedTaskId,
      };
    },
  );
  const taskId = resolved.actingAgent?.taskId;
  return startAgentIdentityAuth({ ...record, task_id: taskId }, { authapiBaseUrl });
}

function summaries(exchanges: readonly { readonly summary: string }[]): string {
  return exchanges.map(({ summary }) => summary).join('\n');
}
