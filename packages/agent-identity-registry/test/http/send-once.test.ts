import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from '../support/authapi-server.js';
import { failureOf } from '../support/failure-of.js';
import { recordingEffects } from '../support/recording-effects.js';
import { registerTask } from '../support/register-task.js';

const neverAnswers: AuthapiReply = () => {};
const stallsInTheBody: AuthapiReply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"task_id":');
};
const answered: AuthapiReply = { body: { task_id: 'task-1' } };

async function register(timeoutSeconds: number, ...replies: readonly AuthapiReply[]) {
  const { baseUrl, requests } = await authapiServer(...replies);
  const registration = { authapiBaseUrl: baseUrl, timeoutSeconds };
  return { taskId: registerTask(registration, recordingEffects()), requests };
}

describe('the time limit of an attempt', () => {
  it('ends an unanswered attempt, and the next one starts with the full limit', async () => {
    const { taskId, requests } = await register(1, neverAnswers, answered);
    expect(await taskId).toBe('task-1');
    expect(requests).toHaveLength(2);
  });

  it('includes reading the body', async () => {
    const { taskId, requests } = await register(1, stallsInTheBody, answered);
    expect(await taskId).toBe('task-1');
    expect(requests).toHaveLength(2);
  });

  it('gives a retryable error after three attempts', async () => {
    const { taskId, requests } = await register(0.05, neverAnswers);
    const error = await failureOf(taskId);
    expect(error).toMatchObject({
      code: 'registration_timed_out',
      operation: 'task_registration',
      status: undefined,
      attempts: 3,
      retryable: true,
    });
    expect(error.message).toContain('0.05 s');
    expect(requests.length).toBeLessThanOrEqual(3);
  });

  it('keeps the status of a refusal whose body never ends', async () => {
    const { taskId, requests } = await register(1, (response) => {
      response.writeHead(403);
      response.write('{"error":');
    });
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_refused', status: 403, attempts: 1 });
    expect(requests).toHaveLength(1);
  });

  it('applies to a body that ignores the signal', async () => {
    const endless = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const taskId = registerTask(
      { authapiBaseUrl: 'https://a.test', timeoutSeconds: 0.01 },
      recordingEffects({ fetch: async () => endless() }),
    );
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_timed_out', attempts: 3 });
  });

  it('applies to a fetch that ignores its signal', async () => {
    const taskId = registerTask(
      { authapiBaseUrl: 'https://a.test', timeoutSeconds: 0.01 },
      recordingEffects({ fetch: () => new Promise(() => {}) }),
    );
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_timed_out', attempts: 3 });
  });
});
