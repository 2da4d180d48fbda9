import type { Clock } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';
import type { StoredRuntimeAgentInstance } from '../instances/instance-store.js';
import type { StoredAgentRuntime } from '../runtimes/runtime-store.js';
import type { StoredAgentTask } from '../tasks/task-store.js';
import type { AuthorityStore } from './authority-store.js';

export interface CachingOptions {
  /** How long a row is served from the cache; 0 disables the cache. */
  readonly seconds: number;
  readonly monotonicClock: Clock;
}

/** The maximum number of cached runtimes, of cached tasks, and of cached instances. */
const maxRows = 10_000;

/**
 * Wraps a store so that runtimes, tasks and instances are cached for a short time. A revocation evicts the row: at once if this process
 * made it, in milliseconds if another node did, and when the time is over if the notification was lost. Misses are not
 * cached, so a new runtime is visible at once.
 */
export function cachingStore(store: AuthorityStore, options: CachingOptions): AuthorityStore {
  if (options.seconds === 0) return store;
  const runtimes = createRowCache<StoredAgentRuntime>(options);
  const tasks = createRowCache<StoredAgentTask>(options);
  const instances = createRowCache<StoredRuntimeAgentInstance>(options);
  store.subscribe((change) => {
    switch (change.kind) {
      case 'agent_runtime_changed':
        return runtimes.evict(change.agentRuntimeId);
      case 'agent_task_revoked':
        return tasks.evict(taskKey(change.agentRuntimeId, change.taskId));
      case 'runtime_agent_instances_changed':
        return instances.evictAll();
      case 'anything_may_have_changed':
        runtimes.evictAll();
        tasks.evictAll();
        return instances.evictAll();
    }
  });
  return {
    ...store,
    findAgentRuntime: (agentRuntimeId) =>
      runtimes.find(agentRuntimeId, () => store.findAgentRuntime(agentRuntimeId)),
    findAgentTask: (agentRuntimeId, taskId) =>
      tasks.find(taskKey(agentRuntimeId, taskId), () => store.findAgentTask(agentRuntimeId, taskId)),
    findRuntimeAgentInstance: (id) => instances.find(id, () => store.findRuntimeAgentInstance(id)),
    async touchRuntimeAgentInstance(id, seenAt) {
      await store.touchRuntimeAgentInstance(id, seenAt);
      instances.evict(id);
    },
  };
}

function taskKey(agentRuntimeId: string, taskId: string): string {
  return JSON.stringify([agentRuntimeId, taskId]);
}

interface RowCache<Row> {
  find(key: string, fetchRow: () => Promise<Row | undefined>): Promise<Row | undefined>;
  evict(key: string): void;
  evictAll(): void;
}

function createRowCache<Row extends object>({ seconds, monotonicClock }: CachingOptions): RowCache<Row> {
  const rows = new LRUCache<string, { readonly row: Row; readonly fetchedAt: number }>({ max: maxRows });
  let evictions = 0;
  return {
    async find(key, fetchRow) {
      const fetchedAt = monotonicClock();
      const cached = rows.get(key);
      if (cached !== undefined && fetchedAt - cached.fetchedAt < seconds * 1000) return cached.row;
      const evictionsBefore = evictions;
      const row = await fetchRow();
      // A row that was read before a revocation may arrive after it.
      if (row !== undefined && evictions === evictionsBefore) rows.set(key, { row, fetchedAt });
      return row;
    },
    evict(key) {
      evictions += 1;
      rows.delete(key);
    },
    evictAll() {
      evictions += 1;
      rows.clear();
    },
  };
}
