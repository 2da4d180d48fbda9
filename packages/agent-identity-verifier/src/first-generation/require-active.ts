import type { AgentDirectory, AgentRuntimeEntry, AgentTaskEntry } from '../agent-directory.js';
import { verificationError } from '../errors.js';
import type { VerifiedAgentRuntime } from '../verified-agent.js';

/** @throws AgentIdentityError `agent_runtime_deleted`, `agent_runtime_revoked`, `agent_runtime_expired`, `agent_runtime_suspended` */
export function requireActiveRuntime({ status }: AgentRuntimeEntry): void {
  if (status === 'active') return;
  throw verificationError(`agent_runtime_${status}`, `the agent runtime is ${status}`);
}

/**
 * Whether a request must name its account: `required`, or `when_given` if clients may omit the header. An account that is
 * named must own the runtime in both cases.
 */
export type AccountMatch = 'required' | 'when_given';

/** @throws AgentIdentityError `missing_account_id`, `account_mismatch` */
export function requireOwnerAccount(
  { accountId: owner }: AgentRuntimeEntry,
  accountId: string | null | undefined,
  accountMatch: AccountMatch,
): void {
  if (accountId === owner) return;
  if (accountId !== null && accountId !== undefined) {
    throw verificationError('account_mismatch', "the request's account does not own the agent runtime");
  }
  if (accountMatch === 'required') {
    throw verificationError('missing_account_id', 'expected the account of the request, got none');
  }
}

/**
 * Requires an active task of exactly this runtime and id. The ids are compared because a directory on a database that
 * ignores case, for example, can return another task.
 *
 * @throws AgentIdentityError `task_not_found`, `task_expired`, `invalid_task_id` (revoked)
 */
export function requireActiveTask(
  task: AgentTaskEntry | undefined,
  asserted: { readonly agentRuntimeId: string; readonly taskId: string },
): void {
  if (task?.agentRuntimeId !== asserted.agentRuntimeId || task.taskId !== asserted.taskId) {
    throw verificationError('task_not_found', 'the agent runtime has no such task');
  }
  if (task.status === 'active') return;
  if (task.status === 'expired') throw verificationError('task_expired', 'the task has expired');
  throw verificationError('invalid_task_id', 'the task was revoked');
}

/**
 * Requires that an agent that was verified before is still active.
 *
 * @throws AgentIdentityError `agent_runtime_not_found` and the codes of the functions above
 */
export async function requireStillActiveRuntime(
  { agentRuntimeId, taskId, accountId }: VerifiedAgentRuntime,
  directory: Pick<AgentDirectory, 'findAgentRuntime' | 'findAgentTask'>,
): Promise<void> {
  const runtime = await directory.findAgentRuntime(agentRuntimeId);
  if (runtime?.agentRuntimeId !== agentRuntimeId) {
    throw verificationError('agent_runtime_not_found', 'the directory has no such agent runtime');
  }
  requireActiveRuntime(runtime);
  requireOwnerAccount(runtime, accountId, 'required');
  requireActiveTask(await directory.findAgentTask(agentRuntimeId, taskId), { agentRuntimeId, taskId });
}
