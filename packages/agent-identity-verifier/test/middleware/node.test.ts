import { once } from 'node:events';
import { createServer, request as sendHandshake } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { type AgentDirectory, createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent, requireAgentOnUpgrade } from 'agent-identity-verifier/node';
import { deferred, listenOnLoopback } from 'test-support';
import { expect, it, onTestFinished } from 'vitest';
import { pageOrigin, preflightHeaders } from '../support/browser-preflight.js';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import { sendRequest } from '../support/send-request.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });

it('the promise of requireAgent rejects with the error of the listener', async () => {
  const failure = new Error('broken');
  const fail = requireAgent(verifier, async () => {
    throw failure;
  });
  const outcomes: Promise<void>[] = [];
  const origin = await listenOnLoopback((request, response) => {
    outcomes.push(fail(request, response));
    outcomes[0]?.catch(() => response.writeHead(500).end());
  });
  expect(await sendRequest(origin, headers)).toMatchObject({ status: 500 });
  await expect(outcomes[0]).rejects.toBe(failure);
});

it('requireAgent for node:http works behind a listener that answers CORS preflights', async () => {
  const guarded = requireAgent(verifier, (_request, response, { taskId }) => response.end(taskId));
  const origin = await listenOnLoopback((request, response) => {
    response.setHeader('access-control-allow-origin', pageOrigin);
    if (request.method !== 'OPTIONS') return guarded(request, response);
    response.setHeader('access-control-allow-headers', 'authorization, chatgpt-account-id');
    return response.writeHead(204).end();
  });
  const allowed = { 'access-control-allow-origin': pageOrigin };
  expect(await sendRequest(origin, preflightHeaders, 'OPTIONS')).toMatchObject({
    status: 204,
    headers: allowed,
  });
  expect(await sendRequest(origin)).toMatchObject({ status: 401, headers: allowed });
  expect(await sendRequest(origin, headers)).toMatchObject({ status: 200, headers: allowed, body: 'task-1' });
});

/** Starts a server that greets agents over an upgraded connection; returns its origin. */
async function greetingServer(): Promise<string> {
  const server = createServer((_request, response) => response.end());
  server.on(
    'upgrade',
    requireAgentOnUpgrade(verifier, (_request, socket, head, { taskId }) => {
      expect(socket.listenerCount('error')).toBe(0);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: greeting\r\nconnection: upgrade\r\n\r\n');
      socket.end(`hello ${taskId}${head}`);
    }),
  );
  return listenOnLoopback(server);
}

const handshake = { connection: 'upgrade', upgrade: 'greeting' };

it('requireAgentOnUpgrade passes on the handshake of a verified agent', async () => {
  const origin = await greetingServer();
  const greeting = await new Promise((resolve, reject) => {
    sendHandshake(origin, { headers: { ...handshake, ...headers } })
      .on('upgrade', (_response, socket, head) => resolve(text(socket).then((rest) => `${head}${rest}`)))
      .on('error', reject)
      .end();
  });
  expect(greeting).toBe('hello task-1');
});

it('requireAgentOnUpgrade ends the connection of an agent that is revoked', async () => {
  const known = knownAgent();
  const server = createServer();
  server.on(
    'upgrade',
    requireAgentOnUpgrade(
      createAssertionVerifier({ directory: known.directory }, { clock: () => now }),
      (_request, socket, _head, _agent, ended) => {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nupgrade: greeting\r\nconnection: upgrade\r\n\r\nhello',
        );
        ended.addEventListener('abort', () => socket.write(` ended: ${ended.reason.code}`));
      },
    ),
  );
  const socket = openHandshake(await listenOnLoopback(server), {
    ...handshake,
    authorization: headerOf(known),
    'chatgpt-account-id': 'account-1',
  });
  const received = text(socket);
  await once(socket, 'data');
  known.change({ status: 'revoked' });
  expect(await received).toMatch(/hello ended: agent_runtime_revoked$/);
});

it('requireAgentOnUpgrade refuses every other handshake and closes the connection', async () => {
  const origin = await greetingServer();
  expect(await sendRequest(origin, handshake)).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'AgentAssertion', connection: 'close' },
    body: { error: { code: 'missing_assertion' } },
  });
  expect(
    await sendRequest(origin, { ...handshake, ...headers, authorization: [headers.authorization, 'x'] }),
  ).toMatchObject({ status: 401, body: { error: { code: 'malformed_assertion' } } });
  expect(await sendRequest(origin, { ...handshake, authorization: 'Bearer at-0123456789' })).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'AgentAssertion', connection: 'close' },
    body: { error: { code: 'unsupported_scheme' } },
  });
});

/** Sends a handshake over a connection that the client does not end. */
function openHandshake(origin: string, fields: Readonly<Record<string, string>>): Socket {
  const { port, hostname } = new URL(origin);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  const lines = Object.entries({ host: hostname, ...fields }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET / HTTP/1.1\r\n${lines.join('')}\r\n`);
  onTestFinished(() => void socket.destroy());
  return socket;
}

it('requireAgentOnUpgrade closes a refused connection without waiting for the client', async () => {
  const closed = deferred();
  const server = createServer();
  server.on('connection', (socket) => socket.once('close', () => closed.resolve()));
  server.on(
    'upgrade',
    requireAgentOnUpgrade(verifier, () => expect.fail('refused')),
  );
  openHandshake(await listenOnLoopback(server), handshake);
  await closed.promise;
});

it('requireAgentOnUpgrade survives a client that resets the connection during verification', async () => {
  const asked = deferred();
  const answered = deferred();
  const slow: AgentDirectory = {
    async findAgentRuntime(agentRuntimeId) {
      asked.resolve();
      await answered.promise;
      return agent.directory.findAgentRuntime(agentRuntimeId);
    },
    findAgentTask: agent.directory.findAgentTask,
  };
  let handled = 0;
  const guarded = requireAgentOnUpgrade(
    createAssertionVerifier({ directory: slow }, { clock: () => now }),
    () => {
      handled += 1;
    },
  );
  const closed = deferred();
  const finished: Promise<void>[] = [];
  const server = createServer();
  server.on('connection', (socket) => socket.once('close', () => closed.resolve()));
  server.on('upgrade', (request, socket, head) => finished.push(guarded(request, socket, head)));
  const client = openHandshake(await listenOnLoopback(server), { ...handshake, ...headers });
  await asked.promise;
  client.resetAndDestroy();
  await closed.promise;
  answered.resolve();
  await Promise.all(finished);
  expect([finished.length, handled]).toEqual([1, 0]);
});
