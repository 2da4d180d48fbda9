import type { Clock } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';
import type { EpochMilliseconds } from '../instant.js';
import type { StoredAgentRuntime } from '../runtimes/runtime-store.js';
import type { StoredAgentTask } from '../tasks/task-store.js';
import type { AuthorityStore } from './authority-store.js';

export interface CachingOptions {
  /** How long a row is given again without asking the store; 0 for not at all. */
  readonly seconds: number;
  readonly clock: Clock;
}

/** How many runtimes are remembered, and how many tasks. */
const max = 10_000;

/**
 * The same store, which remembers for a short time which runtimes and tasks it has found. It forgets a revoked one as
 * soon as it hears of that: at once if this process did it, in milliseconds if another node did, and when the time is over
 * if the notification was lost. What is not there is not remembered: a new runtime is there at once.
 */
export function cachingStore(store: AuthorityStore, options: CachingOptions): AuthorityStore {
  if (options.seconds === 0) return store;
  const runtimes = rowCache<StoredAgentRuntime>(options);
  const tasks = rowCache<StoredAgentTask>(options);
  store.subscribe((change) => {
    switch (change.kind) {
      case 'agent_runtime_revoked':
        return runtimes.evict(change.agentRuntimeId);
      case 'agent_task_revoked':
        return tasks.evict(taskKey(change.agentRuntimeId, change.taskId));
      case 'anything_may_have_changed':
        runtimes.evictAll();
        return tasks.evictAll();
    }
  });
  return {
    ...store,
    findAgentRuntime: (agentRuntimeId) =>
      runtimes.find(agentRuntimeId, () => store.findAgentRuntime(agentRuntimeId)),
    findAgentTask: (agentRuntimeId, taskId) =>
      tasks.find(taskKey(agentRuntimeId, taskId), () => store.findAgentTask(agentRuntimeId, taskId)),
  };
}

function taskKey(agentRuntimeId: string, taskId: string): string {
  return JSON.stringify([agentRuntimeId, taskId]);
}

interface RowCache<Row> {
  find(key: string, ask: () => Promise<Row | undefined>): Promise<Row | undefined>;
  evict(key: string): void;
  evictAll(): void;
}

function rowCache<Row extends object>({ seconds, clock }: CachingOptions): RowCache<Row> {
  const rows = new LRUCache<string, { readonly row: Row; readonly askedAt: EpochMilliseconds }>({ max });
  let forgotten = 0;
  return {
    async find(key, ask) {
      const askedAt = clock();
      const known = rows.get(key);
      const age = known === undefined ? Number.NaN : askedAt - known.askedAt;
      // A clock that was set back makes a negative age, which is worth nothing.
      if (known !== undefined && age >= 0 && age < seconds * 1000) return known.row;
      const forgottenBefore = forgotten;
      const row = await ask();
      // What was asked for before a revocation and answered after it may be from before.
      if (row !== undefined && forgotten === forgottenBefore) rows.set(key, { row, askedAt });
      return row;
    },
    evict(key) {
      forgotten += 1;
      rows.delete(key);
    },
    evictAll() {
      forgotten += 1;
      rows.clear();
    },
  };
}
