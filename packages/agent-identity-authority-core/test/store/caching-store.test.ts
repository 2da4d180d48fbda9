import {
  type AuthorityStore,
  type CreateAuthorityOptions,
  createAuthority,
  memoryStore,
  type StoreChange,
  staticTokens,
} from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import { someRuntime, someTaskOf } from 'test-support';
import { describe, expect, it } from 'vitest';
import { now } from '../support/start-authority.js';

/** An authority that shares a store with another node, and caches lookups for two seconds. */
async function startCachingNode(
  options: Partial<CreateAuthorityOptions> = {},
  clock: (() => number) | undefined = undefined,
) {
  let time = now;
  let lookups = 0;
  const shared = memoryStore();
  const listeners = new Set<(change: StoreChange) => void>();
  const store: AuthorityStore = {
    ...shared,
    findAgentRuntime(id) {
      lookups += 1;
      return shared.findAgentRuntime(id);
    },
    findAgentTask(...ids) {
      lookups += 1;
      return shared.findAgentTask(...ids);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const runtime = {
    ...someRuntime(),
    publicKeySsh: generateAgentKey().publicKey.ssh,
    expiresAt: null,
  };
  const task = someTaskOf(runtime);
  await shared.addAgentRuntime(runtime);
  await shared.addAgentTask(task);
  const { directory } = await createAuthority(
    { store, authenticator: staticTokens([]), lookupCacheSeconds: 2, ...options },
    { clock: clock ?? (() => time), monotonicClock: () => time },
  );
  return {
    /** The store as the other node uses it; this node gets notifications only through `hear`. */
    other: shared,
    store,
    runtime,
    task,
    directory,
    hear(change: StoreChange) {
      for (const listener of listeners) listener(change);
    },
    lookups: () => lookups,
    runtimeStatus: async () => (await directory.findAgentRuntime(runtime.agentRuntimeId))?.status,
    taskStatus: async () => (await directory.findAgentTask(runtime.agentRuntimeId, task.taskId))?.status,
    passMilliseconds(milliseconds: number) {
      time += milliseconds;
    },
  };
}

describe('an authority with a lookup cache', () => {
  it('asks the store once within the time', async () => {
    const { runtimeStatus, taskStatus, lookups, passMilliseconds } = await startCachingNode();
    for (const milliseconds of [0, 1000, 999]) {
      passMilliseconds(milliseconds);
      expect(await runtimeStatus()).toBe('active');
      expect(await taskStatus()).toBe('active');
    }
    expect(lookups()).toBe(2);
    passMilliseconds(1);
    await runtimeStatus();
    await taskStatus();
    expect(lookups()).toBe(4);
  });

  it('sees a revocation by another node as soon as the notification arrives', async () => {
    const { other, runtime, task, runtimeStatus, taskStatus, hear } = await startCachingNode();
    const { agentRuntimeId } = runtime;
    await Promise.all([runtimeStatus(), taskStatus()]);
    await other.revokeAgentTask(agentRuntimeId, task.taskId, now);
    hear({ kind: 'agent_task_revoked', agentRuntimeId, taskId: task.taskId });
    expect(await taskStatus()).toBe('revoked');
    await other.revokeAgentRuntime(agentRuntimeId, now);
    expect(await runtimeStatus()).toBe('active');
    hear({ kind: 'agent_runtime_changed', agentRuntimeId });
    expect(await runtimeStatus()).toBe('revoked');
  });

  it('drops the cache when anything may have changed', async () => {
    const { other, runtime, task, runtimeStatus, taskStatus, hear } = await startCachingNode();
    await Promise.all([runtimeStatus(), taskStatus()]);
    await other.revokeAgentTask(runtime.agentRuntimeId, task.taskId, now);
    await other.revokeAgentRuntime(runtime.agentRuntimeId, now);
    hear({ kind: 'signing_keys_changed' });
    expect([await runtimeStatus(), await taskStatus()]).toEqual(['active', 'active']);
    hear({ kind: 'anything_may_have_changed' });
    expect([await runtimeStatus(), await taskStatus()]).toEqual(['revoked', 'revoked']);
  });

  it('sees a revocation when the time is over if the notification was lost', async () => {
    const { other, runtime, runtimeStatus, passMilliseconds } = await startCachingNode();
    await runtimeStatus();
    await other.revokeAgentRuntime(runtime.agentRuntimeId, now);
    passMilliseconds(1999);
    expect(await runtimeStatus()).toBe('active');
    passMilliseconds(1);
    expect(await runtimeStatus()).toBe('revoked');
  });

  it.each([3600, -3600, 315_360_000, -315_360_000])(
    'does not depend on a wall clock that jumps by %s s',
    async (seconds) => {
      let wallClock = now;
      const { other, runtime, runtimeStatus, passMilliseconds, lookups } = await startCachingNode(
        {},
        () => wallClock,
      );
      await runtimeStatus();
      wallClock += seconds * 1000;
      expect(await runtimeStatus()).toBe('active');
      expect(lookups()).toBe(1);
      await other.revokeAgentRuntime(runtime.agentRuntimeId, now);
      passMilliseconds(2000);
      expect(await runtimeStatus()).toBe('revoked');
    },
  );

  it('does not cache a row that was read before a revocation and arrived after it', async () => {
    const { store, runtime, runtimeStatus, other, hear } = await startCachingNode();
    const { agentRuntimeId } = runtime;
    const find = store.findAgentRuntime;
    store.findAgentRuntime = async (id) => {
      const found = await find(id);
      await other.revokeAgentRuntime(id, now);
      hear({ kind: 'agent_runtime_changed', agentRuntimeId: id });
      return found;
    };
    expect(await runtimeStatus()).toBe('active');
    store.findAgentRuntime = find;
    expect(await runtimeStatus()).toBe('revoked');
    expect(agentRuntimeId).toBe(runtime.agentRuntimeId);
  });

  it('does not cache misses', async () => {
    const { directory, other } = await startCachingNode();
    const later = { ...someRuntime(), publicKeySsh: generateAgentKey().publicKey.ssh };
    expect(await directory.findAgentRuntime(later.agentRuntimeId)).toBeUndefined();
    await other.addAgentRuntime(later);
    expect(await directory.findAgentRuntime(later.agentRuntimeId)).toBeDefined();
  });

  it('sees its own revocations at once', async () => {
    let time = now;
    const store = memoryStore();
    const authority = await createAuthority(
      { store, authenticator: staticTokens([]), lookupCacheSeconds: 5 },
      { clock: () => time, monotonicClock: () => time },
    );
    const account = { accountId: 'a', chatgptUserId: 'u', planType: 'free', isFedramp: false };
    const { agentRuntimeId } = await authority.issueAgentIdentityJwt({ account });
    expect(await authority.directory.findAgentRuntime(agentRuntimeId)).toMatchObject({ status: 'active' });
    time += 1;
    await authority.revokeAgentRuntime(agentRuntimeId);
    expect(await authority.directory.findAgentRuntime(agentRuntimeId)).toMatchObject({ status: 'revoked' });
  });

  it.each([-1, 0.5, 6])('a cache of %s seconds is refused', async (lookupCacheSeconds) => {
    await expect(startCachingNode({ lookupCacheSeconds })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('lookupCacheSeconds'),
    });
  });
});
