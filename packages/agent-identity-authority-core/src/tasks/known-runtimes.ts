import type { Clock } from 'agent-identity-core';
import { LRUCache } from 'lru-cache';
import type { StoredAgentRuntime } from '../runtimes/runtime-store.js';
import type { AuthorityStore } from '../store/authority-store.js';

/** Finds a runtime that a task is registered for. It may have been suspended or revoked since: adding the task shows that. */
export type FindKnownRuntime = (agentRuntimeId: string) => Promise<StoredAgentRuntime | undefined>;

const maxRuntimes = 10_000;

/** Some databases tell a node of no changes by other nodes, and the key of a runtime can change. */
const maxAgeMilliseconds = 5000;

/**
 * Creates a look-up that reads each runtime once in a while, so that registering a task is a single statement. Of an active
 * runtime, only the status and the key change: adding the task shows the one, and a change of the other is told.
 */
export function createKnownRuntimes(
  store: Pick<AuthorityStore, 'findAgentRuntime' | 'subscribe'>,
  { monotonicClock }: { readonly monotonicClock: Clock },
): FindKnownRuntime {
  const runtimes = new LRUCache<string, { readonly runtime: StoredAgentRuntime; readonly readAt: number }>({
    max: maxRuntimes,
  });
  let changes = 0;
  store.subscribe((change) => {
    changes += 1;
    if (change.kind === 'agent_runtime_changed') runtimes.delete(change.agentRuntimeId);
    if (change.kind === 'anything_may_have_changed') runtimes.clear();
  });
  return async (agentRuntimeId) => {
    const readAt = monotonicClock();
    const known = runtimes.get(agentRuntimeId);
    if (known !== undefined && readAt - known.readAt < maxAgeMilliseconds) return known.runtime;
    const changesBefore = changes;
    const runtime = await store.findAgentRuntime(agentRuntimeId);
    const isActive = runtime?.revokedAt === null && runtime.suspendedAt === null;
    // What was read before a change may arrive after it.
    if (isActive && changes === changesBefore) runtimes.set(agentRuntimeId, { runtime, readAt });
    return runtime;
  };
}
