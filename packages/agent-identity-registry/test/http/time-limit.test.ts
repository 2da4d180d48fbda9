import { registerAgentTask } from 'agent-identity-registry';
import { describe, expect, test } from 'vitest';
import { authapiServer, type Reply } from '../support/authapi-server.js';
import { agentKey } from '../support/fixed-agent.js';
import { recordingEffects } from '../support/recording-effects.js';
import { failureOf } from '../support/thrown-by.js';

const neverAnswers: Reply = () => {};
const stallsInTheBody: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"task_id":');
};
const answered: Reply = { body: { task_id: 'task-1' } };

async function register(timeLimitSeconds: number, ...replies: readonly Reply[]) {
  const { baseUrl, requests } = await authapiServer(...replies);
  const registration = { authapiBaseUrl: baseUrl, agentRuntimeId: 'agent-123', agentKey, timeLimitSeconds };
  return { taskId: registerAgentTask(registration, recordingEffects()), requests };
}

describe('the time limit of an attempt', () => {
  test('ends one that is not answered, and the next begins anew', async () => {
    const { taskId, requests } = await register(1, neverAnswers, answered);
    expect(await taskId).toBe('task-1');
    expect(requests).toHaveLength(2);
  });

  test('bounds the reading of the body too', async () => {
    const { taskId, requests } = await register(1, stallsInTheBody, answered);
    expect(await taskId).toBe('task-1');
    expect(requests).toHaveLength(2);
  });

  test('gives an error that may pass, after three attempts', async () => {
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

  test('keeps the status of a refusal whose body never ends', async () => {
    const { taskId, requests } = await register(1, (response) => {
      response.writeHead(403);
      response.write('{"error":');
    });
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_refused', status: 403, attempts: 1 });
    expect(requests).toHaveLength(1);
  });

  test('holds for a body that does not heed the signal', async () => {
    const endless = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const taskId = registerAgentTask(
      { authapiBaseUrl: 'https://a.test', agentRuntimeId: 'a', agentKey, timeLimitSeconds: 0.01 },
      recordingEffects({ fetch: async () => endless() }),
    );
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_timed_out', attempts: 3 });
  });

  test('holds for a fetch that does not heed its signal', async () => {
    const taskId = registerAgentTask(
      { authapiBaseUrl: 'https://a.test', agentRuntimeId: 'a', agentKey, timeLimitSeconds: 0.01 },
      recordingEffects({ fetch: () => new Promise(() => {}) }),
    );
    expect(await failureOf(taskId)).toMatchObject({ code: 'registration_timed_out', attempts: 3 });
  });
});
