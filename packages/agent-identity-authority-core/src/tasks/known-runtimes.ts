import { LRUCache } from 'lru-cache';
import type { RuntimeStore, StoredAgentRuntime } from '../runtimes/runtime-store.js';

/** Finds a runtime that a task is registered for. It may have been suspended or revoked since: adding the task shows that. */
export type FindKnownRuntime = (agentRuntimeId: string) => Promise<StoredAgentRuntime | undefined>;

/**
 * Creates a look-up that reads each runtime once, so that registering a task is a single statement. Nothing of an active
 * runtime changes but its status, and adding the task shows that.
 */
export function createKnownRuntimes(store: RuntimeStore, max = 10_000): FindKnownRuntime {
  const runtimes = new LRUCache<string, StoredAgentRuntime>({ max });
  return async (agentRuntimeId) => {
    const known = runtimes.get(agentRuntimeId);
    if (known !== undefined) return known;
    const runtime = await store.findAgentRuntime(agentRuntimeId);
    if (runtime?.revokedAt === null && runtime.suspendedAt === null) runtimes.set(agentRuntimeId, runtime);
    return runtime;
  };
}
