import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import { generateAgentKey } from 'agent-identity-core';
import { manualClock, someRuntime, someTaskOf } from 'test-support';
import { describe, expect, it } from 'vitest';
import { breakableStore } from '../support/breakable-store.js';
import { accessToken, adminToken, bearer, now, verifierToken } from '../support/start-authority.js';
import { startWithAgent } from '../support/start-with-agent.js';

describe('the directory for verifiers', () => {
  it('returns a runtime and a task', async () => {
    const { lookUp, agentKey, agentRuntimeId, taskId } = await startWithAgent();
    const runtime = await lookUp(`/v1/directory/agents/${agentRuntimeId}`);
    expect(runtime).toMatchObject({ status: 200 });
    expect(runtime.body).toEqual({
      agent_runtime_id: agentRuntimeId,
      agent_public_key: agentKey.publicKey.ssh,
      account_id: 'account-1',
      status: 'active',
      capabilities: ['responsesapi'],
      labels: {},
      lineage: [],
      plan_type: 'business',
      abom: { agent_version: '1.0.0', agent_harness_id: 'codex-cli', running_location: 'cli-linux' },
    });
    const task = await lookUp(`/v1/directory/agents/${agentRuntimeId}/tasks/${taskId}`);
    expect(task.body).toEqual({ agent_runtime_id: agentRuntimeId, task_id: taskId, status: 'live' });
    for (const { headers } of [runtime, task]) {
      expect(headers.get('cache-control')).toBe('private, max-age=2');
      expect(headers.get('etag')).toMatch(/^"[^"]+"$/);
    }
  });

  it('responds with 404 and a lifetime for unknown ids', async () => {
    const { lookUp, agentRuntimeId, taskId } = await startWithAgent({ directoryMaxAgeSeconds: 0 });
    for (const [path, code] of [
      ['agent-2', 'agent_runtime_not_found'],
      ['%00', 'agent_runtime_not_found'],
      [`agent-2/tasks/${taskId}`, 'task_not_found'],
      [`${agentRuntimeId}/tasks/task-2`, 'task_not_found'],
    ]) {
      const answer = await lookUp(`/v1/directory/agents/${path}`);
      expect(answer).toMatchObject({ status: 404, body: { error: { code } } });
      expect(answer.headers.get('cache-control')).toBe('private, max-age=0');
      expect(answer.headers.get('etag')).toBeNull();
    }
  });

  it('responds with 304 while nothing has changed, and shows a revocation at once', async () => {
    const { lookUp, agentRuntimeId, authority } = await startWithAgent();
    const path = `/v1/directory/agents/${agentRuntimeId}`;
    const etag = (await lookUp(path)).headers.get('etag') ?? '';
    const unchanged = await lookUp(path, { 'if-none-match': etag });
    expect(unchanged).toMatchObject({ status: 304, body: undefined });
    expect(unchanged.headers.get('cache-control')).toBe('private, max-age=2');
    expect(unchanged.headers.get('etag')).toBe(etag);
    await authority.revokeAgentRuntime(agentRuntimeId);
    expect(await lookUp(path, { 'if-none-match': etag })).toMatchObject({
      status: 200,
      body: { status: 'revoked' },
    });
  });

  it.each(['/v1/directory/agents/agent-1', '/v1/directory/agents/agent-1/tasks/task-1'])(
    'only verifiers may call %s',
    async (path) => {
      const { get } = await startWithAgent();
      for (const headers of [{}, bearer(accessToken), bearer(adminToken), bearer(`${verifierToken}x`)]) {
        expect(await get(path, { headers })).toMatchObject({ status: 401 });
      }
      const closed = await startWithAgent({ verifiers: undefined });
      expect((await closed.lookUp(path)).body.error.code).toBe('not_found');
    },
  );

  it('responds with 503, never 404, while the store fails', async () => {
    const { store, breakDown } = breakableStore();
    const { lookUp, agentRuntimeId, taskId } = await startWithAgent({ store });
    breakDown();
    for (const path of [agentRuntimeId, 'agent-2', `${agentRuntimeId}/tasks/${taskId}`]) {
      expect(await lookUp(`/v1/directory/agents/${path}`)).toMatchObject({ status: 503 });
    }
  });
});

describe('tasks that expire if idle', () => {
  const hour = 3600;
  const year = 31_536_000;

  it('they stay active while verifiers look them up', async () => {
    const { lookUp, agentRuntimeId, taskId, advance, store } = await startWithAgent({
      taskIdleTtlSeconds: hour,
    });
    const path = `/v1/directory/agents/${agentRuntimeId}/tasks/${taskId}`;
    for (let i = 0; i < 4; i++) {
      advance(hour - 1);
      expect((await lookUp(path)).body.status).toBe('live');
    }
    const before = (await store.findAgentTask(agentRuntimeId, taskId))?.lastSeenAt;
    advance(59);
    await lookUp(path);
    expect((await store.findAgentTask(agentRuntimeId, taskId))?.lastSeenAt).toBe(before);
    advance(hour);
    expect((await lookUp(path)).body.status).toBe('expired');
  });

  it('by default, a task never expires, and a lookup writes nothing', async () => {
    const { lookUp, agentRuntimeId, taskId, advance, store } = await startWithAgent();
    const before = await store.findAgentTask(agentRuntimeId, taskId);
    advance(400 * 86_400);
    expect((await lookUp(`/v1/directory/agents/${agentRuntimeId}/tasks/${taskId}`)).body.status).toBe('live');
    expect(await store.findAgentTask(agentRuntimeId, taskId)).toEqual(before);
  });

  it('a lookup does not wait until its time is recorded', async () => {
    const store = memoryStore();
    store.touchAgentTask = () => new Promise(() => {});
    const { lookUp, agentRuntimeId, taskId, advance } = await startWithAgent({
      taskIdleTtlSeconds: hour,
      store,
    });
    advance(61);
    const path = `/v1/directory/agents/${agentRuntimeId}/tasks/${taskId}`;
    expect((await lookUp(path)).body.status).toBe('live');
  });

  describe('on a clock that jumps', () => {
    /** A task, a directory, and two clocks. */
    async function startInTime() {
      const wall = manualClock(now);
      const monotonic = manualClock(0);
      const effects = { clock: wall.clock, monotonicClock: monotonic.clock };
      const store = memoryStore();
      const runtime = { ...someRuntime(), publicKeySsh: generateAgentKey().publicKey.ssh, expiresAt: null };
      const task = { ...someTaskOf(runtime), createdAt: now, lastSeenAt: now };
      await store.addAgentRuntime(runtime);
      const authenticator = staticTokens([]);
      const options = { store, authenticator, taskIdleTtlSeconds: hour };
      const { directory } = await createAuthority(options, effects);
      return {
        jump: wall.advance,
        pass(seconds: number) {
          wall.advance(seconds);
          monotonic.advance(seconds);
        },
        addTask: (seenAt: number) => store.addAgentTask({ ...task, lastSeenAt: seenAt }),
        lastSeenAt: async () =>
          (await store.findAgentTask(runtime.agentRuntimeId, task.taskId))?.lastSeenAt ?? 0,
        status: async () => (await directory.findAgentTask(runtime.agentRuntimeId, task.taskId))?.status,
      };
    }

    it.each([hour, -hour, 10 * year, -10 * year])(
      'for a moment by %s s, they expire as before and not earlier',
      async (seconds) => {
        const { status, jump, pass, addTask, lastSeenAt } = await startInTime();
        await addTask(now);
        jump(seconds);
        await status();
        jump(-seconds);
        for (let i = 0; i < 4; i++) {
          pass(hour - 1);
          expect(await status()).toBe('active');
        }
        expect(await lastSeenAt()).toBe(now + 4 * (hour - 1) * 1000);
        pass(hour);
        expect(await status()).toBe('expired');
      },
    );

    it('they expire an hour after their last use although they were registered in ten years', async () => {
      const { status, pass, addTask } = await startInTime();
      await addTask(now + 10 * year * 1000);
      expect(await status()).toBe('active');
      pass(hour - 1);
      expect(await status()).toBe('active');
      pass(hour);
      expect(await status()).toBe('expired');
      expect(await status()).toBe('expired');
    });
  });
});
