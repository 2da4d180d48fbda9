import type {
  AuthorityStore,
  EndedRowsQuery,
  StoredRuntimeAgentInstance,
} from 'agent-identity-authority-core';
import { someInstance, someRuntime, someTaskOf } from 'test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { countAuditEntries } from './support/audit-log.js';
import { openedStore, storeKinds } from './support/store-kinds.js';

/** The contract of every store for the removal of ended rows. */
describe.each(storeKinds())('the store of $name', ({ newUrl }) => {
  let store: AuthorityStore;
  beforeEach(async () => {
    store = await openedStore(await newUrl());
  });

  type Step = 'removeEndedTasks' | 'removeEndedInstances';

  /** Walks through all rows, and returns how many were removed. */
  async function walk(step: Step, query: EndedRowsQuery) {
    let total = 0;
    let cursor: string | null | undefined;
    do {
      const { removed, nextCursor } = await store[step]({ ...query, ...(cursor && { cursor }) });
      total += removed;
      cursor = nextCursor;
    } while (cursor !== null);
    return total;
  }

  async function addRuntimeWithTasks(...lastSeen: number[]) {
    const runtime = someRuntime();
    await store.addAgentRuntime(runtime);
    const tasks = lastSeen.map((lastSeenAt, index) => ({
      ...someTaskOf(runtime),
      registrationSignature: `signature-${index}`,
      createdAt: 1,
      lastSeenAt,
    }));
    for (const task of tasks) await store.addAgentTask(task);
    const { agentRuntimeId } = runtime;
    const left = async () => {
      const { items } = await store.listAgentTasks(agentRuntimeId);
      return new Set(items.map(({ taskId }) => taskId));
    };
    return { agentRuntimeId, tasks: tasks.map(({ taskId }) => taskId), left };
  }

  it('removes tasks that were revoked before the moment, and no others', async () => {
    const { agentRuntimeId, tasks, left } = await addRuntimeWithTasks(1, 1, 1);
    const [early = '', late = '', active = ''] = tasks;
    await store.revokeAgentTask(agentRuntimeId, early, 999);
    await store.revokeAgentTask(agentRuntimeId, late, 1000);
    const entries = await countAuditEntries(store);
    expect(await walk('removeEndedTasks', { revokedBefore: 1000 })).toBe(1);
    expect(await left()).toEqual(new Set([late, active]));
    expect(await walk('removeEndedTasks', { revokedBefore: 1000 })).toBe(0);
    expect(await countAuditEntries(store)).toBe(entries);
    expect(await store.findAgentTask(agentRuntimeId, early)).toBeUndefined();
  });

  it('removes the tasks of a runtime that was revoked before the moment, and keeps the runtime', async () => {
    const revoked = await addRuntimeWithTasks(1, 2000);
    const other = await addRuntimeWithTasks(1);
    await store.revokeAgentRuntime(revoked.agentRuntimeId, 999);
    expect(await walk('removeEndedTasks', { revokedBefore: 1000 })).toBe(2);
    expect((await other.left()).size).toBe(1);
    expect(await store.findAgentRuntime(revoked.agentRuntimeId)).toMatchObject({ revokedAt: 999 });
  });

  it('removes unused tasks only if asked to, and not those used at the moment', async () => {
    const { agentRuntimeId, tasks, left } = await addRuntimeWithTasks(10, 11, 10);
    await store.touchAgentTask(agentRuntimeId, tasks[2] ?? '', 12);
    expect(await walk('removeEndedTasks', { revokedBefore: 1000 })).toBe(0);
    expect(await walk('removeEndedTasks', { revokedBefore: 1000, unusedBefore: 11 })).toBe(1);
    expect(await left()).toEqual(new Set(tasks.slice(1)));
  });

  it('looks at each row once, in steps of the given size', async () => {
    const runtimes = await Promise.all(Array.from({ length: 7 }, () => addRuntimeWithTasks(1, 1, 1)));
    for (const { agentRuntimeId, tasks } of runtimes) {
      await store.revokeAgentTask(agentRuntimeId, tasks[1] ?? '', 5);
    }
    const first = await store.removeEndedTasks({ revokedBefore: 10, limit: 5 });
    expect(first.removed).toBeLessThanOrEqual(5);
    expect(first.nextCursor).not.toBeNull();
    expect(first.removed + (await walk('removeEndedTasks', { revokedBefore: 10, limit: 5 }))).toBe(7);
    expect((await store.countRows()).agentTasks).toBe(14);
  });

  it('lets a registration whose task was removed create another task', async () => {
    const runtime = someRuntime();
    const task = someTaskOf(runtime);
    await store.addAgentRuntime(runtime);
    await store.addAgentTask(task);
    await store.revokeAgentTask(runtime.agentRuntimeId, task.taskId, 5);
    await walk('removeEndedTasks', { revokedBefore: 10 });
    const again = { ...task, taskId: someTaskOf(runtime).taskId };
    expect(await store.addAgentTask(again)).toEqual(again);
  });

  it('removes revoked and unused instances, but no suspended one', async () => {
    const [revoked, unused, suspended, used] = [
      someInstance(),
      { ...someInstance(), lastSeenAt: 10 },
      { ...someInstance(), lastSeenAt: 10 },
      { ...someInstance(), lastSeenAt: 5000 },
    ] as const;
    for (const one of [revoked, unused, suspended, used]) await store.addRuntimeAgentInstance(one);
    const change = (instance: StoredRuntimeAgentInstance, what: 'revoke' | 'suspend') =>
      store.changeRuntimeAgentInstances(
        { runtimeAgentInstanceId: instance.runtimeAgentInstanceId },
        what,
        999,
      );
    await change(revoked, 'revoke');
    await change(suspended, 'suspend');
    expect(await walk('removeEndedInstances', { revokedBefore: 1000, limit: 1 })).toBe(1);
    expect(await walk('removeEndedInstances', { revokedBefore: 1000, unusedBefore: 11 })).toBe(1);
    const { items } = await store.listRuntimeAgentInstances();
    expect(new Set(items.map((one) => one.runtimeAgentInstanceId))).toEqual(
      new Set([suspended.runtimeAgentInstanceId, used.runtimeAgentInstanceId]),
    );
  });

  it('lets the key of a removed instance register again', async () => {
    const instance = someInstance();
    await store.addRuntimeAgentInstance(instance);
    const { runtimeAgentInstanceId, agentHostId } = instance;
    await store.changeRuntimeAgentInstances({ agentHostId }, 'revoke', 5);
    await walk('removeEndedInstances', { revokedBefore: 10 });
    const again = { ...someInstance(), publicKeySsh: instance.publicKeySsh };
    expect(await store.addRuntimeAgentInstance(again)).toEqual(again);
    expect(await store.findRuntimeAgentInstance(runtimeAgentInstanceId)).toBeUndefined();
  });

  it('counts its rows', async () => {
    await addRuntimeWithTasks(1, 1);
    await store.addRuntimeAgentInstance(someInstance());
    expect(await store.countRows()).toEqual({
      agentRuntimes: 1,
      agentTasks: 2,
      runtimeAgentInstances: 1,
      auditEntries: 0,
      waitingAuditEntries: 4,
    });
    await countAuditEntries(store);
    expect(await store.countRows()).toMatchObject({ auditEntries: 4, waitingAuditEntries: 0 });
  });

  it.each([
    ['an unknown member', { revokedBefore: 1, before: 1 }],
    ['no moment', {}],
    ['a fraction', { revokedBefore: 1.5 }],
    ['a text', { revokedBefore: 1, unusedBefore: '1' }],
    ['a limit of 0', { revokedBefore: 1, limit: 0 }],
    ['a foreign cursor', { revokedBefore: 1, cursor: 'WzEsMl0' }],
  ])('refuses %s, and removes nothing', async (_what, query) => {
    for (const step of ['removeEndedTasks', 'removeEndedInstances'] as const) {
      await expect(store[step](query as EndedRowsQuery)).rejects.toMatchObject({
        code: expect.stringMatching(/^invalid_(argument|cursor)$/),
      });
    }
  });
});
