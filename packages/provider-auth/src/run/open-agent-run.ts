import type { AgentIdentitySource } from './agent-identity-source.js';
import { AgentRun } from './agent-run.js';
import type { RunScopeState } from './run-scope.js';
import { startRunTask } from './start-run-task.js';

/** Takes an identity that was started into a run: with the task that it has, and signing by the run's clock. */
export async function openAgentRun(source: AgentIdentitySource, scope: RunScopeState): Promise<AgentRun> {
  const { auth, registration } = source;
  const record = { ...auth.record, task_id: auth.runTaskId };
  return new AgentRun(source, await startRunTask({ record, registration, purpose: 'run' }, scope), scope);
}
