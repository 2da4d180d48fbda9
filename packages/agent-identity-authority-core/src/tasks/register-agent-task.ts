import {
  type AgentPublicKey,
  type Clock,
  isAgentIdentityError,
  type SignedTaskRegistration,
  type ValidityWindow,
  verifyTaskRegistration,
} from 'agent-identity-core';
import type { TaskRegistrationRequest } from 'agent-identity-core/wire';
import { authorityError } from '../errors.js';
import { newId } from '../new-id.js';
import { agentRuntimeDeleted, requireActive } from '../runtimes/runtime-status.js';
import type { StoredAgentRuntime } from '../runtimes/runtime-store.js';
import type { AuthorityStore } from '../store/authority-store.js';
import type { FindKnownRuntime } from './known-runtimes.js';

/** Dependencies of registering tasks. */
export interface TaskRegistrar {
  readonly store: AuthorityStore;
  readonly findKnownRuntime: FindKnownRuntime;
  readonly readKey: (publicKeySsh: string) => AgentPublicKey;
  readonly window: ValidityWindow;
  readonly clock: Clock;
  /** Counts a registration that the runtime signed, but not its repeats; throws `too_many_requests` above the limit. */
  readonly countRuntime: (agentRuntimeId: string, signature: string) => Promise<void>;
}

/** A task of a runtime, and the key to encrypt its id with. */
export interface RegisteredAgentTask {
  readonly taskId: string;
  readonly runtime: StoredAgentRuntime;
  readonly publicKey: AgentPublicKey;
}

/**
 * Registers a task with the runtime's signature (docs/protocol.md section 5). A byte-identical repeat returns the same task
 * unless it was revoked (section 11). Checks the signature before the runtime's status, so only its own agent learns the
 * status.
 *
 * @throws AgentIdentityError `invalid_agent_runtime_id`, `invalid_signature`, `task_registration_expired`,
 * `task_registration_in_future`, `malformed_task_registration`, `too_many_requests`, `agent_runtime_deleted`,
 * `agent_runtime_expired`, `agent_runtime_suspended`, `store_unavailable`
 */
export async function registerAgentTask(
  agentRuntimeId: string,
  registration: TaskRegistrationRequest,
  registrar: TaskRegistrar,
): Promise<RegisteredAgentTask> {
  const { store, clock, countRuntime } = registrar;
  const { timestamp, signature } = registration;
  const { runtime, publicKey } = await verifyRegistration(
    { agentRuntimeId, timestamp, signature },
    registrar,
  );
  // After the signature check: nobody else may use up a runtime's limit.
  await countRuntime(agentRuntimeId, signature);
  const now = clock();
  requireActive(runtime, now);
  const task = await store.addAgentTask({
    taskId: newId('task'),
    agentRuntimeId,
    registrationTimestamp: timestamp,
    registrationSignature: signature,
    createdAt: now,
    lastSeenAt: now,
    revokedAt: null,
  });
  if (task === undefined) {
    // Since it was read, the runtime was suspended or revoked.
    const changed = await store.findAgentRuntime(agentRuntimeId);
    if (changed !== undefined) requireActive(changed, now);
    throw agentRuntimeDeleted();
  }
  return { taskId: task.taskId, runtime, publicKey };
}

/** Verifies with the key that is known, or with the current one if another node has changed it. */
async function verifyRegistration(
  registration: SignedTaskRegistration & { readonly agentRuntimeId: string },
  { store, findKnownRuntime, readKey, window, clock }: TaskRegistrar,
): Promise<Omit<RegisteredAgentTask, 'taskId'>> {
  const verifyWith = (runtime: StoredAgentRuntime) => {
    const publicKey = readKey(runtime.publicKeySsh);
    verifyTaskRegistration(registration, { publicKey, ...window }, { clock });
    return { runtime, publicKey };
  };
  const { agentRuntimeId } = registration;
  const known = await findKnownRuntime(agentRuntimeId);
  if (known?.agentRuntimeId !== agentRuntimeId) {
    throw authorityError('invalid_agent_runtime_id', 'There is no such agent runtime.');
  }
  try {
    return verifyWith(known);
  } catch (error) {
    if (!isAgentIdentityError(error, 'invalid_signature')) throw error;
    const current = await store.findAgentRuntime(agentRuntimeId);
    if (current === undefined || current.publicKeySsh === known.publicKeySsh) throw error;
    return verifyWith(current);
  }
}
