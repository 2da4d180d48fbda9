import { type AgentPublicKey, type Clock, readSshPublicKey } from 'agent-identity-core';
import type { AgentDirectory } from 'agent-identity-verifier';
import { LRUCache } from 'lru-cache';
import { runtimeStatus } from '../runtimes/runtime-status.js';
import type { AuthorityStore } from '../store/authority-store.js';
import { type TaskIdleTtlSeconds, taskStatus } from '../tasks/task-status.js';
import type { StoredAgentTask } from '../tasks/task-store.js';

/** What a directory over a store is made of. */
export interface StoreDirectoryParts {
  readonly store: AuthorityStore;
  readonly readKey: (publicKeySsh: string) => AgentPublicKey;
  readonly taskIdleTtlSeconds: TaskIdleTtlSeconds;
  readonly clock: Clock;
}

/**
 * The directory of a verifier in the authority's own process: it asks the store each time. What the store may remember,
 * `lookupCacheSeconds` says; a revocation by this process is seen by the next verification.
 */
export function storeDirectory({
  store,
  readKey,
  taskIdleTtlSeconds,
  clock,
}: StoreDirectoryParts): AgentDirectory {
  const touch = taskIdleTtlSeconds === undefined ? async () => {} : taskToucher(store, clock);
  return {
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
 * Notes that a task is in use, about once a minute. A note that fails is no failure of the look-up: the store reports
 * it, and a task is idle for longer than that before it expires.
 */
function taskToucher(store: AuthorityStore, clock: Clock): (task: StoredAgentTask) => Promise<void> {
  const touched = new LRUCache<string, number>({ max: 10_000 });
  return async ({ agentRuntimeId, taskId, lastSeenAt }) => {
    const now = clock();
    if (now - Math.max(lastSeenAt, touched.get(taskId) ?? 0) < 60_000) return;
    touched.set(taskId, now);
    await store.touchAgentTask(agentRuntimeId, taskId, now).catch(() => touched.delete(taskId));
  };
}

/** Returns the same key object for the same OpenSSH line, because parsing and preparing a key is expensive. */
export function registeredKeyReader(max = 10_000): (publicKeySsh: string) => AgentPublicKey {
  const keys = new LRUCache<string, AgentPublicKey>({ max });
  return (publicKeySsh) => {
    const cached = keys.get(publicKeySsh);
    if (cached !== undefined) return cached;
    const key = readSshPublicKey(publicKeySsh);
    keys.set(publicKeySsh, key);
    return key;
  };
}
