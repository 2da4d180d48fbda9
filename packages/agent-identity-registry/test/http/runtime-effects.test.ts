import { getEventListeners } from 'node:events';
import { registerAgentRuntime } from 'agent-identity-registry';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failureOf } from '../support/failure-of.js';
import { agentKey } from '../support/fixed-agent.js';
import { recordingEffects } from '../support/recording-effects.js';
import { registerTask } from '../support/register-task.js';

const authapiBaseUrl = 'https://authority.example.test';
const task = { authapiBaseUrl };
const runtime = {
  authapiBaseUrl,
  accessToken: 'token',
  isFedramp: false,
  publicKey: agentKey.publicKey,
  abom: { agent_version: '1', agent_harness_id: 'x', running_location: 'y' },
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the default time limit of an attempt', () => {
  it.each([
    ['a task', 30, (effects: object) => registerTask(task, effects)],
    ['a runtime', 15, (effects: object) => registerAgentRuntime(runtime, effects)],
  ])('for %s is %i s', async (_what, seconds, register) => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const fetch: typeof globalThis.fetch = (_url, init) => {
      signals.push(init?.signal);
      return new Promise(() => {});
    };
    const failed = failureOf(register(recordingEffects({ fetch })));
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
      expect(signals.map((signal) => signal?.aborted)).toEqual([...Array(attempt - 1).fill(true), false]);
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(await failed).toMatchObject({ code: 'registration_timed_out', attempts: 3 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('leaves no timer after an answered attempt', async () => {
    await registerTask(task, { fetch: async () => Response.json({ task_id: 'task-1' }) });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the wait between attempts, by default', () => {
  it('ends by itself, within its bounds', async () => {
    const statuses = [500, 500, 200];
    const fetch = async () => new Response('{"task_id":"task-1"}', { status: statuses.shift() ?? 0 });
    const taskId = registerTask(task, { fetch });
    await vi.advanceTimersByTimeAsync(1500);
    expect(statuses).toEqual([]);
    expect(await taskId).toBe('task-1');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends with the reason of an abort and leaves no timer or listener', async () => {
    const controller = new AbortController();
    const reason = new Error('the user gave up');
    const effects = {
      fetch: async () => new Response('', { status: 500 }),
      signal: controller.signal,
      random: () => 0.5,
    };
    const rejected = expect(registerTask(task, effects)).rejects.toBe(reason);
    await vi.advanceTimersByTimeAsync(249);
    expect(vi.getTimerCount()).toBe(1);
    controller.abort(reason);
    await rejected;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('leaves no listener when it ends by itself', async () => {
    const { signal } = new AbortController();
    const statuses = [500, 200];
    const fetch = async () => new Response('{"task_id":"task-1"}', { status: statuses.shift() ?? 0 });
    const taskId = registerTask(task, { fetch, signal });
    await vi.advanceTimersByTimeAsync(500);
    await taskId;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

it('the default fetch is the one that the runtime has when the request is sent', async () => {
  vi.stubGlobal('fetch', async () => Response.json({ task_id: 'task-1' }));
  expect(await registerTask(task)).toBe('task-1');
});

it('fetch is called without a receiver, as browsers require', async () => {
  function fetch(this: unknown) {
    expect(this).toBeUndefined();
    return Promise.resolve(Response.json({ task_id: 'task-1' }));
  }
  expect(await registerTask(task, { fetch })).toBe('task-1');
});
