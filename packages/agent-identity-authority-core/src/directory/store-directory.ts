import { type AgentPublicKey, type Clock, readSshPublicKey } from 'agent-identity-core';
import type { AgentDirectory } from 'agent-identity-verifier';
import { LRUCache } from 'lru-cache';
import { createInstanceFinder, type InstanceFinderParts } from '../instances/instance-directory.js';
import { runtimeStatus } from '../runtimes/runtime-status.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { type TaskIdleTtlSeconds, type TaskStatus, taskStatus } from '../tasks/task-status.js';
import type { StoredAgentTask } from '../tasks/task-store.js';

/** Dependencies of a directory over a store. */
export interface StoreDirectoryParts extends InstanceFinderParts {
  readonly store: AuthorityStore;
  readonly readKey: (publicKeySsh: string) => AgentPublicKey;
  readonly taskIdleTtlSeconds: TaskIdleTtlSeconds;
  readonly clock: Clock;
  readonly monotonicClock: Clock;
}

/**
 * Creates the directory for verifiers in the authority's process. It asks the store at each lookup, so the next
 * verification sees a revocation by this process.
 */
export function createStoreDirectory(parts: StoreDirectoryParts): Required<AgentDirectory> {
  const { store, readKey, clock } = parts;
  const useTask = createTaskUse(parts);
  return {
    findRuntimeAgentInstance: createInstanceFinder(parts),
    async findAgentRuntime(agentRuntimeId) {
      const runtime = await store.findAgentRuntime(agentRuntimeId);
      return (
        runtime && {
          agentRuntimeId: runtime.agentRuntimeId,
          publicKey: readKey(runtime.publicKeySsh),
          accountId: runtime.accountId,
          status: runtimeStatus(runtime, clock()),
        }
      );
    },
    async findAgentTask(agentRuntimeId, taskId) {
      const task = await store.findAgentTask(agentRuntimeId, taskId);
      if (task === undefined) return undefined;
      return { agentRuntimeId: task.agentRuntimeId, taskId: task.taskId, status: useTask(task) };
    },
  };
}

/**
 * Returns a function that returns the status of a task and records that an active task is in use, about once a minute. The
 * lookup does not wait for that, and its failure changes nothing: the store reports it, and a task expires only after a much
 * longer time.
 *
 * Times in the future come from a clock that was wrong. A task that was last seen then expires by the monotonic clock, so
 * that it does not live until that time.
 */
function createTaskUse({
  store,
  taskIdleTtlSeconds,
  clock,
  monotonicClock,
}: StoreDirectoryParts): (task: StoredAgentTask) => TaskStatus {
  if (taskIdleTtlSeconds === undefined) return (task) => taskStatus(task, undefined, clock());
  /** When this process found the task in use, and when it recorded that. Monotonic. */
  const uses = new LRUCache<string, { readonly usedAt: number; readonly recordedAt: number }>({
    max: 10_000,
  });
  return (task) => {
    const { agentRuntimeId, taskId, lastSeenAt } = task;
    const [now, usedAt] = [clock(), monotonicClock()];
    const earlier = uses.get(taskId);
    const status = taskStatus(task, taskIdleTtlSeconds, now);
    if (status !== 'active') return status;
    const isIdle = earlier !== undefined && usedAt - earlier.usedAt >= taskIdleTtlSeconds * 1000;
    if (isIdle && lastSeenAt > now) return 'expired';
    const recordedAt = earlier?.recordedAt ?? Number.NEGATIVE_INFINITY;
    const isRecorded = now - lastSeenAt < 60_000 || usedAt - recordedAt < 60_000;
    uses.set(taskId, { usedAt, recordedAt: isRecorded ? recordedAt : usedAt });
    if (!isRecorded) store.touchAgentTask(agentRuntimeId, taskId, now).catch(() => uses.delete(taskId));
    return status;
  };
}

/** Returns the same key object for the same OpenSSH line, because parsing and preparing a key is expensive. */
export function createRegisteredKeyReader(max = 10_000): (publicKeySsh: string) => AgentPublicKey {
  const keys = new LRUCache<string, AgentPublicKey>({ max });
  return (publicKeySsh) => {
    const cached = keys.get(publicKeySsh);
    if (cached !== undefined) return cached;
    const key = readSshPublicKey(publicKeySsh);
    keys.set(publicKeySsh, key);
    return key;
  };
}
