import { createServer, STATUS_CODES } from 'node:http';
import { providerFetch } from 'provider-auth';
import { deferred, listenOnLoopback, type Reply, readHead, thrownBy } from 'test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { keepConnected } from '../../examples/websocket.js';
import { type FirstParty, firstParty, taskOf } from '../support/first-party.js';
import { startRun } from '../support/start-run.js';

/** Bodies of a 401 that say that the task is gone (docs/protocol.md section 11). */
const taskGone: readonly unknown[] = [
  { error: { code: 'invalid_task_id', message: 'unknown' } },
  { error: { code: 'task_not_found' } },
  { error: { code: 'task_expired', message: null, type: null } },
  { error: { code: 'TASK_EXPIRED' } },
  { error: 'invalid_task_id' },
  { message: 'task not found' },
  { error: { message: 'Task not found.' } },
  { detail: { code: 'task_not_found' } },
  { code: 'task_expired' },
];

/** Bodies of refusals that say nothing about the task: those about the account first. */
const notAboutTask: readonly unknown[] = [
  { error: { code: 'deactivated_workspace', message: 'x' } },
  { error: { code: 'token_invalidated', message: 'x' } },
  { error: { code: 'token_expired', message: 'task not found' } },
  { error: 'token_revoked' },
  { detail: { code: 'token_expired' } },
  { error: { type: 'usage_limit_reached', resets_in_seconds: 60, message: 'x' } },
  { error: { code: 'usage_limit_reached', resets_in_seconds: 60 } },
  { detail: 'Unauthorized' },
  { error: { code: 'x', message: 'task_expired' } },
  { reason: { code: 'task_expired' } },
  { error: { error: { code: 'task_expired' } } },
  { error: { code: ['task_expired'] } },
  { message: 'the task not found here is another one' },
  [{ error: { code: 'task_expired' } }],
  'task_expired',
  '"task_expired"',
  '{"error":{"code":"task_expired"',
  'null',
  '',
];

/** Bodies that say that the agent runtime is deleted. */
const runtimeDeleted: readonly unknown[] = [
  {
    error: {
      message: 'Agent runtime has been deleted.',
      type: null,
      code: 'biscuit_baker_service_agent_error_status',
      param: null,
    },
    status: 403,
  },
  { message: 'Agent runtime has been deleted.' },
  { detail: 'Agent runtime has been deleted.' },
];

async function running() {
  const world = await firstParty();
  const run = await startRun(world);
  return { world, url: world.provider.baseUrl, fetch: providerFetch(run.resolved), ...run };
}

const text = ({ body }: Reply) => (typeof body === 'string' ? body : JSON.stringify(body));

describe('a 401 that says that the task is gone has the task replaced', () => {
  it.each(taskGone)('%j', async (body) => {
    const { world, url, fetch, resolved } = await running();
    world.state.answerRequest = (request) =>
      taskOf(request) === 'task-1' ? { status: 401, body } : { body: 'done' };
    const response = await fetch(url, { method: 'POST', body: 'text' });
    expect([response.status, await response.text()]).toEqual([200, 'done']);
    expect(world.authapi.requests).toHaveLength(2);
    expect(resolved.actingAgent?.taskId).toBe('task-2');
  });
});

describe('a refusal that is not about the task is returned unchanged', () => {
  const refusals = [401, 403, 429].flatMap((status) => notAboutTask.map((body) => ({ status, body })));

  it.each([
    ...refusals,
    ...taskGone.flatMap((body) => [
      { status: 400, body },
      { status: 403, body },
    ]),
  ])('%j', async (reply) => {
    const { world, url, fetch, events } = await running();
    world.state.answerRequest = () => reply;
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([reply.status, text(reply)]);
    expect(world.provider.requests).toHaveLength(1);
    expect(world.authapi.requests).toHaveLength(1);
    expect(events).toEqual([]);
    expect((await fetch(url)).status).toBe(reply.status);
  });
});

describe('a refusal that says that the agent runtime is deleted ends the run', () => {
  const replies = [400, 403].flatMap((status) => runtimeDeleted.map((body) => ({ status, body })));

  it.each(replies)('from the provider: %j', async (reply) => {
    const { world, url, fetch } = await running();
    world.state.answerRequest = () => reply;
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([reply.status, text(reply)]);
    expect((await thrownBy(() => fetch(url))).code).toBe('agent_runtime_deleted');
    expect(world.provider.requests).toHaveLength(1);
  });

  it.each(replies)('from the AuthAPI: %j', async (reply) => {
    const world = await firstParty();
    world.state.answerRegistration = () => reply;
    expect((await thrownBy(() => startRun(world))).code).toBe('agent_runtime_deleted');
    expect(world.authapi.requests).toHaveLength(1);
  });

  it.each([401, 404, 500])('but not with status %i', async (status) => {
    const { world, url, fetch } = await running();
    world.state.answerRequest = () => ({ status, body: runtimeDeleted[0] });
    expect((await fetch(url)).status).toBe(status);
    expect((await fetch(url)).status).toBe(status);
  });
});

describe('a refused WebSocket handshake', () => {
  /** Refuses handshakes under the first task with this reply, and accepts all others. */
  async function webSocketServer(reply: { readonly status: number; readonly body: unknown }) {
    const tasks: string[] = [];
    const sockets = new WebSocketServer({ noServer: true });
    const server = createServer().on('upgrade', (incoming, socket, head) => {
      const taskId = taskOf({ ...readHead(incoming), body: '' });
      tasks.push(taskId);
      if (taskId !== 'task-1') {
        sockets.handleUpgrade(incoming, socket, head, (connection) => connection.send(taskId));
        return;
      }
      const body = text(reply);
      const head_ = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status]}`;
      socket.end(`${head_}\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`);
    });
    onTestFinished(() => {
      for (const client of sockets.clients) client.terminate();
    });
    return { origin: await listenOnLoopback(server), tasks };
  }

  /** Connects, and returns the first message or the error. */
  async function connect(world: FirstParty, origin: string) {
    const { resolved } = await startRun({ ...world, provider: { ...world.provider, baseUrl: origin } });
    const outcome = deferred<unknown>();
    const connection = keepConnected(resolved, `${origin.replace('http', 'ws')}/responses`, {
      onOpen: (socket) => socket.once('message', (data) => outcome.resolve(String(data))),
      onError: outcome.resolve,
    });
    onTestFinished(() => connection.close());
    return { resolved, outcome: await outcome.promise };
  }

  it.each(taskGone)('that says that the task is gone has it replaced: %j', async (body) => {
    const world = await firstParty();
    const { origin, tasks } = await webSocketServer({ status: 401, body });
    expect((await connect(world, origin)).outcome).toBe('task-2');
    expect(tasks).toEqual(['task-1', 'task-2']);
  });

  it.each(notAboutTask.slice(0, 8))('that is about the account is an error: %j', async (body) => {
    const world = await firstParty();
    const { origin, tasks } = await webSocketServer({ status: 401, body });
    expect(String((await connect(world, origin)).outcome)).toContain('401');
    expect(tasks).toEqual(['task-1']);
    expect(world.authapi.requests).toHaveLength(1);
  });

  it.each(runtimeDeleted)('that says that the runtime is deleted ends the run: %j', async (body) => {
    const world = await firstParty();
    const { origin } = await webSocketServer({ status: 403, body });
    const { resolved, outcome } = await connect(world, origin);
    expect(String(outcome)).toContain('403');
    expect(thrownBy(() => resolved.headers()).code).toBe('agent_runtime_deleted');
  });
});
