import { createAssertionSigner, generateAgentKey } from 'agent-identity-core';
import { deferred, loopbackServer } from 'test-support';
import { expect, it } from 'vitest';
import { startWorker } from './start-worker.js';

const agentKey = generateAgentKey();
const signer = createAssertionSigner({ agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1' });
const headers = { authorization: signer.authorizationHeader(), 'chatgpt-account-id': 'account-1' };
const runtime = {
  agent_runtime_id: 'agent-1',
  agent_public_key: agentKey.publicKey.ssh,
  account_id: 'account-1',
  status: 'active',
};
const task = { agent_runtime_id: 'agent-1', task_id: 'task-1', status: 'live' };

/** A service that creates its verifier and its middleware at module scope. */
const service = (baseUrl: string, timeoutSeconds: number) => `
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/hono';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';
import { Hono } from 'hono';

const directory = remoteDirectory({ baseUrl: '${baseUrl}', accessToken: 'token-1', timeoutSeconds: ${timeoutSeconds} });

export default new Hono()
  .get('/health', (context) => context.text('ok'))
  .use(requireAgent(createAssertionVerifier({ directory })))
  .get('/', (context) => context.text(context.var.agent.taskId));
`;

/** The same without a framework. */
const plainService = (baseUrl: string) => `
import { createAssertionVerifier } from 'agent-identity-verifier';
import { withAgent } from 'agent-identity-verifier/fetch';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';

const verifier = createAssertionVerifier({
  directory: remoteDirectory({ baseUrl: '${baseUrl}', accessToken: 'token-1' }),
});

export default {
  fetch: withAgent(verifier, (request, { taskId }, env, context) =>
    new Response([request.method, taskId, typeof env, typeof context.waitUntil].join(' ')),
  ),
};
`;

/** Sends three requests at once. The client of the first one, which has started the look-up, goes away. */
async function sendTogether(
  origin: string,
  lookUpStarted: Promise<void>,
): Promise<() => Promise<Response[]>> {
  const controller = new AbortController();
  const first = fetch(origin, { headers, signal: controller.signal });
  await lookUpStarted;
  const others = [fetch(origin, { headers }), fetch(origin, { headers })];
  controller.abort();
  await expect(first).rejects.toThrow('aborted');
  await fetch(`${origin}/health`);
  return () => Promise.all(others);
}

it('requests to a Worker share one look-up, also if the client that started it goes away', async () => {
  const released = deferred();
  const authority = await loopbackServer(async ({ path }) => {
    await released.promise;
    return { body: path.includes('/tasks/') ? task : runtime };
  });
  const origin = await startWorker(service(authority.origin, 30), 'without Node.js modules');
  const responses = await sendTogether(origin, authority.requested(1));
  released.resolve();
  for (const response of await responses()) expect(await response.text()).toBe('task-1');
  expect(authority.requests.map(({ path }) => path)).toEqual([
    '/v1/directory/agents/agent-1',
    '/v1/directory/agents/agent-1/tasks/task-1',
  ]);
});

it('requests to a Worker that wait for a look-up get a 503 when its time is up', async () => {
  const authority = await loopbackServer(() => new Promise(() => {}));
  const origin = await startWorker(service(authority.origin, 0.5), 'without Node.js modules');
  const responses = await sendTogether(origin, authority.requested(1));
  for (const response of await responses()) {
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'directory_unavailable' } });
  }
});

it('withAgent is the handler of a Worker, which gets what the platform passes', async () => {
  const authority = await loopbackServer(({ path }) => ({ body: path.includes('/tasks/') ? task : runtime }));
  const origin = await startWorker(plainService(authority.origin), 'without Node.js modules');
  expect(await (await fetch(origin, { headers })).text()).toBe('GET task-1 object function');
  expect((await fetch(origin)).status).toBe(401);
});
