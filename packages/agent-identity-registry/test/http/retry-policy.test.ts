import type { HttpEffects } from 'agent-identity-core/http';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from '../support/authapi-server.js';
import { failureOf } from '../support/failure-of.js';
import { recordingEffects } from '../support/recording-effects.js';
import { registerTask } from '../support/register-task.js';

const answered: AuthapiReply = { body: { task_id: 'task-1' } };

async function register(replies: readonly AuthapiReply[], overrides: HttpEffects = {}) {
  const waits: number[] = [];
  const { baseUrl, requests } = await authapiServer(...replies);
  const taskId = registerTask(
    { authapiBaseUrl: baseUrl, timeoutSeconds: 5 },
    recordingEffects(overrides, waits),
  );
  return { taskId, requests, waits };
}

describe('a retryable failure', () => {
  it.each([429, 500, 501, 502, 503, 504, 599])('status %i is retried at most twice', async (status) => {
    const { taskId, requests } = await register([{ status }, { status }, answered]);
    expect(await taskId).toBe('task-1');
    expect(requests).toHaveLength(3);
  });

  it('gives a retryable error after three attempts', async () => {
    const { taskId, requests } = await register([
      { status: 502 },
      { status: 500 },
      { status: 503 },
      answered,
    ]);
    const error = await failureOf(taskId);
    expect(error).toMatchObject({
      name: 'RegistrationError',
      code: 'registration_unavailable',
      operation: 'task_registration',
      status: 503,
      attempts: 3,
      retryable: true,
    });
    expect(error.message).toBe('task registration failed after 3 attempts: the server answered 503');
    expect(requests).toHaveLength(3);
  });

  it('a connection that breaks is retried', async () => {
    const { taskId, requests } = await register([
      (response) => response.destroy(),
      (response) => response.socket?.resetAndDestroy(),
      answered,
    ]);
    expect(await taskId).toBe('task-1');
    expect(requests).toHaveLength(3);
  });

  it('a response that breaks off is retried', async () => {
    const { taskId, requests } = await register([
      (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"task_id":', () => response.destroy());
      },
      answered,
    ]);
    expect(await taskId).toBe('task-1');
    expect(requests).toHaveLength(2);
  });

  it('a port without a listener is a failed connection with its system code', async () => {
    const { baseUrl } = await authapiServer();
    const closed = baseUrl.replace(/:\d+/, ':1');
    const waits: number[] = [];
    const taskId = registerTask({ authapiBaseUrl: closed }, recordingEffects({}, waits));
    const error = await failureOf(taskId);
    expect(error).toMatchObject({
      code: 'registration_connection_failed',
      status: undefined,
      attempts: 3,
      retryable: true,
    });
    expect(waits).toHaveLength(2);
  });
});

describe('a final failure', () => {
  it.each([400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 418, 422, 451, 499])(
    'status %i is not retried',
    async (status) => {
      const { taskId, requests, waits } = await register([{ status }, answered]);
      expect(await failureOf(taskId)).toMatchObject({
        code: 'registration_refused',
        status,
        attempts: 1,
        retryable: false,
      });
      expect(requests).toHaveLength(1);
      expect(waits).toEqual([]);
    },
  );

  it('ends the attempts even after a retryable one', async () => {
    const { taskId, requests } = await register([{ status: 500 }, { status: 403 }, answered]);
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_refused', status: 403, attempts: 2 });
    expect(requests).toHaveLength(2);
  });
});

describe('the wait before the next attempt', () => {
  it.each([
    [0, [0, 0]],
    [0.5, [250, 500]],
    [0.999, [499.5, 999]],
  ])('is a random part of a bound that doubles: random %f', async (random, expected) => {
    const { taskId, waits } = await register([{ status: 500 }, { status: 500 }, answered], {
      random: () => random,
    });
    await taskId;
    expect(waits).toEqual(expected);
  });

  const inTwoSeconds = new Date(fixedAgent.signedAt + 2000).toUTCString();
  const now = new Date(fixedAgent.signedAt).toUTCString();
  const anHourOff = new Date(fixedAgent.signedAt + 3_600_000).toUTCString();
  it.each([
    ['seconds', { 'retry-after': '2' }, 2250],
    ['no seconds', { 'retry-after': '0' }, 250],
    ['the longest that is waited for', { 'retry-after': '30' }, 30_250],
    ['a date by our clock', { 'retry-after': inTwoSeconds }, 2250],
    [
      'a date by the clock of the server',
      { 'retry-after': anHourOff, date: new Date(fixedAgent.signedAt + 3_598_000).toUTCString() },
      2250,
    ],
    ['a date that has passed', { 'retry-after': now, date: inTwoSeconds }, 250],
    ['an RFC 850 date', { 'retry-after': 'Thursday, 23-Apr-26 00:00:02 GMT' }, 2250],
    ['an asctime date', { 'retry-after': 'Thu Apr 23 00:00:02 2026' }, 2250],
    ['words', { 'retry-after': 'soon' }, 250],
    ['a negative number', { 'retry-after': '-5' }, 250],
    ['a fraction', { 'retry-after': '1.5' }, 250],
    ['a bare year', { 'retry-after': '2026-04' }, 250],
    ['a day that does not exist', { 'retry-after': 'Thu, 99 Apr 2026 00:00:02 GMT' }, 250],
    ['nothing', { 'retry-after': '' }, 250],
  ])('is added to Retry-After: %s', async (_title, headers, expected) => {
    for (const status of [429, 503]) {
      const { taskId, waits } = await register([{ status, headers }, answered]);
      expect(await taskId).toBe('task-1');
      expect(waits).toEqual([expected]);
    }
  });

  it.each(['31', '3600', '99999999999999999999999', anHourOff])(
    'is not made for a Retry-After that is too long, and the error says so: %s',
    async (retryAfter) => {
      const { taskId, requests, waits } = await register([
        { status: 429, headers: { 'retry-after': retryAfter } },
        answered,
      ]);
      const error = await failureOf(taskId);
      expect(error).toMatchObject({
        code: 'registration_unavailable',
        status: 429,
        attempts: 1,
        retryable: true,
      });
      expect(error.retryAfterSeconds).toBeGreaterThan(30);
      expect(error.message).toContain(`asks to wait ${error.retryAfterSeconds} s`);
      expect(requests).toHaveLength(1);
      expect(waits).toEqual([]);
    },
  );
});
