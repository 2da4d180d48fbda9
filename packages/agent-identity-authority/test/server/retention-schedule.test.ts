import { memoryStore } from 'agent-identity-authority-core';
import { openStore } from 'agent-identity-authority-sql';
import { manualClock, someInstance, someRuntime, someTaskOf } from 'test-support';
import { describe, expect, it, vi } from 'vitest';
import { createRetentionWalk } from '../../dist/server/retention-schedule.js';
import { newPgliteFolder } from '../support/pglite-folder.js';
import { startServer } from '../support/start-server.js';

const now = Date.parse('2026-04-23T00:00:00Z');
const day = 86_400;

/** A store with a task and an instance that are in use, and a walk that keeps ended rows for a day. */
async function retention({ taskIdleTtlSeconds }: { taskIdleTtlSeconds?: number } = {}) {
  const wall = manualClock(now);
  const monotonic = manualClock(5000);
  const store = memoryStore();
  const runtime = someRuntime();
  const task = { ...someTaskOf(runtime), createdAt: now, lastSeenAt: now };
  const instance = { ...someInstance(), createdAt: now, lastSeenAt: now };
  await store.addAgentRuntime(runtime);
  await store.addAgentTask(task);
  await store.addRuntimeAgentInstance(instance);
  const walk = createRetentionWalk({
    store,
    endedSeconds: day,
    taskIdleTtlSeconds,
    instanceIdleTtlSeconds: 30 * day,
    clock: wall.clock,
    monotonicClock: monotonic.clock,
  });
  return {
    store,
    task,
    instance,
    walk: () => walk(async () => {}),
    pausingWalk: walk,
    /** Time passes. */
    advance(seconds: number) {
      wall.advance(seconds);
      monotonic.advance(seconds);
    },
    /** The wall clock jumps. */
    jump: wall.advance,
  };
}

describe('the removal of ended rows', () => {
  it('keeps a revoked task for the given time, and then removes it', async () => {
    const { store, task, walk, advance } = await retention();
    await store.revokeAgentTask(task.agentRuntimeId, task.taskId, now);
    advance(day);
    expect(await walk()).toEqual({ agentTasks: 0, runtimeAgentInstances: 0 });
    advance(1);
    expect(await walk()).toEqual({ agentTasks: 1, runtimeAgentInstances: 0 });
  });

  it('never removes a task for lack of use unless tasks expire', async () => {
    const { store, task, walk, advance } = await retention();
    advance(3650 * day);
    expect(await walk()).toEqual({ agentTasks: 0, runtimeAgentInstances: 1 });
    expect(await store.findAgentTask(task.agentRuntimeId, task.taskId)).toEqual(task);
  });

  it('removes an expired task when it has been expired for the given time', async () => {
    const { walk, advance } = await retention({ taskIdleTtlSeconds: 7 * day });
    advance(8 * day);
    expect(await walk()).toMatchObject({ agentTasks: 0 });
    advance(1);
    expect(await walk()).toMatchObject({ agentTasks: 1 });
  });

  it('removes nothing early when the wall clock jumps ahead', async () => {
    const { walk, jump, store, task, advance } = await retention({ taskIdleTtlSeconds: 7 * day });
    await store.revokeAgentTask(task.agentRuntimeId, task.taskId, now);
    jump(3650 * day);
    expect(await walk()).toEqual({ agentTasks: 0, runtimeAgentInstances: 0 });
    advance(day + 1);
    expect(await walk()).toEqual({ agentTasks: 1, runtimeAgentInstances: 0 });
  });

  it('removes nothing when the wall clock is set back', async () => {
    const { walk, jump, store, task, advance } = await retention();
    await store.revokeAgentTask(task.agentRuntimeId, task.taskId, now);
    advance(day + 1);
    jump(-10);
    expect(await walk()).toMatchObject({ agentTasks: 0 });
  });

  it('pauses after each thousand rows', async () => {
    const { store, pausingWalk } = await retention();
    for (let i = 0; i < 2000; i += 1) await store.addRuntimeAgentInstance(someInstance());
    let pauses = 0;
    await pausingWalk(async () => {
      pauses += 1;
    });
    expect(pauses).toBe(2);
  });
});

describe('a server', () => {
  it('removes ended tasks when it starts, counts them, and keeps them if told so', async () => {
    const masterKey = Buffer.alloc(32, 7);
    const settings = { store: `pglite:${await newPgliteFolder()}`, masterKey: masterKey.toString('base64') };
    const store = await openStore(settings.store, { masterKey });
    const runtime = someRuntime();
    const task = someTaskOf(runtime);
    await store.addAgentRuntime(runtime);
    await store.addAgentTask(task);
    await store.revokeAgentTask(runtime.agentRuntimeId, task.taskId, 1000);
    await store.close();
    const metricsOf = async (operationsUrl: string) => (await fetch(`${operationsUrl}/metrics`)).text();
    const keeping = await startServer({ ...settings, retention: { endedSeconds: 0 } });
    expect(await metricsOf(keeping.operationsUrl)).toContain('rows{kind="agent_task"} 1');
    await keeping.stop();
    const { operationsUrl, log } = await startServer(settings);
    await vi.waitFor(async () => {
      const metrics = await metricsOf(operationsUrl);
      expect(metrics).toContain('removed_rows_total{kind="agent_task"} 1');
      expect(metrics).toContain('rows{kind="agent_task"} 0');
    });
    expect(log()).toContain('"agentTasks":1');
  });
});
