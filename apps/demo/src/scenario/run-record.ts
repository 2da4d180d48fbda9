import type { AgentIdentityRecord } from 'agent-identity-core/wire';
import type { AgentIdentityAuth } from 'agent-identity-registry';

/** Returns the record of a run with its task, so that an auth made from it uses the same task. */
export function runRecord({ record, runTaskId }: AgentIdentityAuth): AgentIdentityRecord {
  return { ...record, task_id: runTaskId };
}
