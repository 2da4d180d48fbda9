import { type AgentPublicKey, type Clock, readSshPublicKey } from 'agent-identity-core';
import type { AgentDirectory } from 'agent-identity-verifier';
import { LRUCache } from 'lru-cache';
import { createInstanceFinder, type InstanceFinderParts } from '../instances/instance-directory.js';
import { runtimeStatus } from '../runtimes/runtime-status.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { type TaskIdleTtlSeconds, taskStatus } from '../tasks/task-status.js';
import type { StoredAgentTask } from '../tasks/task-store.js';

/** Dependencies of a directory over a store. */
export interface StoreDirectoryParts extends InstanceFinderParts {
  readonly store: AuthorityStore;
  readonly readKey: (publicKeySsh: string) => AgentPublicKey;
  readonly taskIdleTtlSeconds: TaskIdleTtlSeconds;
  readonly clock: Clock;
}

/**
 * Creates the directory for verifiers in the authority's process. It asks the store at each lookup, so the next
 * verification sees a revocation by this process.
 */
export function createStoreDirectory(parts: StoreDirectoryParts): Required<AgentDirectory> {
  const { store, readKey, taskIdleTtlSeconds, clock } = parts;
  const touch = taskIdleTtlSeconds === undefined ? async () => {} : createTaskToucher(store, clock);
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
      const status = taskStatus(task, taskIdleTtlSeconds, clock());
      if (status === 'active') await touch(task);
      return { agentRuntimeId: task.agentRuntimeId, taskId: task.taskId, status };
    },
  };
}

/**
 * Records that a task is in use, about once a minute. A failure does not fail the lookup: the store reports it, and a task
 * expires only after a much longer time.
 */
function createTaskToucher(store: AuthorityStore, clock: Clock): (task: StoredAgentTask) => Promise<void> {
  const touchedAt = new LRUCache<string, number>({ max: 10_000 });
  return async ({ agentRuntimeId, taskId, lastSeenAt }) => {
    const now = clock();
    if (now - Math.max(lastSeenAt, touchedAt.get(taskId) ?? 0) < 60_000) return;
    touchedAt.set(taskId, now);
    await store.touchAgentTask(agentRuntimeId, taskId, now).catch(() => touchedAt.delete(taskId));
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
