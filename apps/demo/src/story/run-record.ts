import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import type { AgentIdentityAuth } from 'agent-identity-registry';

/** The record of a run with the task that was registered for it: whoever starts from it goes on under that task. */
export function runRecord({ record, runTaskId }: AgentIdentityAuth): AgentIdentityRecord {
  return { ...record, task_id: runTaskId };
}
