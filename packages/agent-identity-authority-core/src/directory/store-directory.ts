import { type AgentPublicKey, type Clock, readSshPublicKey } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';
import { createInstanceFinder, type InstanceFinderParts } from '../instances/instance-directory.js';
import { runtimeStatus } from '../runtimes/runtime-status.js';
import type { AuthorityStore } from '../store/authority-store.js';
import type { StoreChange } from '../store/store-changes.js';
import { type TaskIdleTtlSeconds, type TaskStatus, taskStatus } from '../tasks/task-status.js';
import type { StoredAgentTask } from '../tasks/task-store.js';
import type { StoreDirectory } from './directory-sources.js';
import { createUseRecorder } from './use-recorder.js';

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
export function createStoreDirectory(parts: StoreDirectoryParts): StoreDirectory {
  const { store, readKey, clock } = parts;
  const useTask = createTaskUse(parts);
  return {
    subscribe: (listener) => store.subscribe((change) => listener(changedRuntimeId(change))),
    findRuntimeAgentInstance: createInstanceFinder(parts),
    async findAgentRuntime(agentRuntimeId) {
      const runtime = await store.findAgentRuntime(agentRuntimeId);
      return (
        runtime && {
          agentRuntimeId: runtime.agentRuntimeId,
          publicKey: readKey(runtime.publicKeySsh),
          accountId: runtime.accountId,
          status: runtimeStatus(runtime, clock()),
          capabilities: runtime.capabilities,
          lineage: runtime.lineage,
          name: runtime.name ?? undefined,
          labels: runtime.labels,
          planType: runtime.planType,
          abom: runtime.abom ?? undefined,
          expiresAt: runtime.expiresAt,
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

function changedRuntimeId(change: StoreChange): string | undefined {
  return 'agentRuntimeId' in change ? change.agentRuntimeId : undefined;
}

/** Returns a function that returns the status of a task, and records that an active task is in use. */
function createTaskUse({
  store,
  taskIdleTtlSeconds,
  clock,
  monotonicClock,
}: StoreDirectoryParts): (task: StoredAgentTask) => TaskStatus {
  if (taskIdleTtlSeconds === undefined) return (task) => taskStatus(task, undefined, clock());
  const recordUse = createUseRecorder({ idleTtlSeconds: taskIdleTtlSeconds, clock, monotonicClock });
  return (task) => {
    const { agentRuntimeId, taskId, lastSeenAt } = task;
    const status = taskStatus(task, taskIdleTtlSeconds, clock());
    if (status !== 'active') return status;
    const touch = (now: number) => store.touchAgentTask(agentRuntimeId, taskId, now);
    return recordUse({ id: taskId, lastSeenAt, touch });
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
