import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type AuthapiReply, authapiServer } from '../support/authapi-server.js';
import { recordingEffects } from '../support/recording-effects.js';
import { registerTask } from '../support/register-task.js';

const reason = new Error('the user gave up');

async function register(reply: AuthapiReply, effects = {}) {
  const controller = new AbortController();
  const server = await authapiServer(reply);
  const taskId = registerTask(
    { authapiBaseUrl: server.baseUrl },
    recordingEffects({ signal: controller.signal, ...effects }),
  );
  return { taskId, server, controller };
}

describe("the caller's abort rejects with the caller's reason", () => {
  it('before anything is sent', async () => {
    let sent = 0;
    const fetch: typeof globalThis.fetch = async () => {
      sent += 1;
      return Response.json({ task_id: 'task-1' });
    };
    const taskId = registerTask(
      { authapiBaseUrl: 'https://a.test' },
      { fetch, signal: AbortSignal.abort(reason) },
    );
    await expect(taskId).rejects.toBe(reason);
    expect(sent).toBe(0);
  });

  it('while no response arrives, and closes the connection', async () => {
    const closed = withResolvers();
    const { taskId, server, controller } = await register((response) => response.on('close', closed.resolve));
    await server.requested(1);
    controller.abort(reason);
    await expect(taskId).rejects.toBe(reason);
    await closed.promise;
    expect(server.requests).toHaveLength(1);
  });

  it.each([200, 403, 500])('while the body of a %i arrives', async (status) => {
    const begun = withResolvers();
    const stalls: AuthapiReply = (response) => {
      response.writeHead(status);
      response.write('{');
    };
    const { taskId, controller } = await register(stalls, {
      fetch: async (url: string, init: RequestInit) => {
        const response = await fetch(url, init);
        begun.resolve();
        return response;
      },
    });
    await begun.promise;
    await new Promise(setImmediate);
    controller.abort(reason);
    await expect(taskId).rejects.toBe(reason);
  });

  it('during the wait between attempts, even if the injected sleep ignores the signal', async () => {
    const asleep = withResolvers();
    const sleep = () => {
      asleep.resolve();
      return new Promise<void>(() => {});
    };
    const { taskId, server, controller } = await register({ status: 500 }, { sleep });
    await asleep.promise;
    controller.abort(reason);
    await expect(taskId).rejects.toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  it('while the clock is read, and aborts the request', async () => {
    const controller = new AbortController();
    const signals: unknown[] = [];
    const taskId = registerTask(
      { authapiBaseUrl: 'https://a.test' },
      {
        signal: controller.signal,
        clock: () => {
          controller.abort(reason);
          return 0;
        },
        fetch: (_url, init) => {
          signals.push(init?.signal);
          return new Promise(() => {});
        },
      },
    );
    await expect(taskId).rejects.toBe(reason);
    expect(signals).toEqual([expect.objectContaining({ aborted: true })]);
  });
});

it('a signal that is never aborted keeps no listener', async () => {
  const { taskId, controller } = await register({ body: { task_id: 'task-1' } });
  await taskId;
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
