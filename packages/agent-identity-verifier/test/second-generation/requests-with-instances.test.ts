import { createServer } from 'node:http';
import {
  type AgentDirectory,
  type CreateAssertionVerifierOptions,
  createAssertionVerifier,
  type VerifiedAgent,
} from 'agent-identity-verifier';
import { getVerifiedAgent, requireAgent as requireAgentOfFastify } from 'agent-identity-verifier/fastify';
import { requireAgent as requireAgentOfHono } from 'agent-identity-verifier/hono';
import { requireAgentOnUpgrade } from 'agent-identity-verifier/node';
import fastify from 'fastify';
import { Hono } from 'hono';
import { listenOnLoopback, printedForms } from 'test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import {
  assertionOf,
  chatgptActor,
  instanceHeaderOf,
  knownInstance,
  platformActor,
} from '../support/known-instance.js';
import { middlewareServices } from '../support/middleware-services.js';
import { sendRequest } from '../support/send-request.js';

/** A service that knows one runtime and one instance, and a verifier for both generations. */
function knownAgents(options: Partial<CreateAssertionVerifierOptions> = {}) {
  const runtime = knownAgent();
  const instance = knownInstance();
  const directory: AgentDirectory = {
    ...runtime.directory,
    findRuntimeAgentInstance: (id) => instance.directory.findRuntimeAgentInstance(id),
  };
  const verifier = createAssertionVerifier(
    { directory, generations: [1, 2], onFailure: () => {}, ...options },
    { clock: () => now },
  );
  return { runtime, instance, verifier };
}

const account = { 'chatgpt-account-id': 'account-1' };

describe.each(Object.entries(middlewareServices))('requireAgent for %s', (_name, start) => {
  async function scene(options: Partial<CreateAssertionVerifierOptions> = {}) {
    const { verifier, ...agents } = knownAgents(options);
    const refusals: unknown[] = [];
    const handled: VerifiedAgent[] = [];
    const onRefusal = (error: unknown) => refusals.push(error);
    const origin = await start(verifier, { onRefusal, addressHeader: 'x-client-address' }, (agent) =>
      handled.push(agent),
    );
    const send = (headers: Readonly<Record<string, string | readonly string[]>>) =>
      sendRequest(`${origin}/v1/responses`, { ...account, ...headers });
    return { ...agents, send, refusals, handled };
  }

  it('lets both generations through, and says which came', async () => {
    const { runtime, instance, send, handled } = await scene();
    expect(await send({ authorization: headerOf(runtime) })).toMatchObject({
      status: 200,
      body: { generation: 1, agentRuntimeId: 'agent-1', taskId: 'task-1' },
    });
    expect(await send({ authorization: instanceHeaderOf(instance) })).toMatchObject({
      status: 200,
      body: { generation: 2, runtimeAgentInstanceId: 'rai-1', agentHostId: 'host-1', actor: chatgptActor },
    });
    expect(handled.map(({ generation }) => generation)).toEqual([1, 2]);
  });

  it('lets an assertion beside a bearer token through, and gives verifyBearer the facts', async () => {
    const calls: unknown[] = [];
    const { instance, send } = await scene({
      verifyBearer(...call) {
        calls.push(call);
        return chatgptActor;
      },
    });
    const headers = {
      authorization: 'Bearer token-1',
      'x-openai-agent-assertion': assertionOf(instance),
      'openai-organization': 'org-1',
      'openai-project': 'project-1',
      'x-client-address': '192.0.2.1',
    };
    expect(await send(headers)).toMatchObject({ status: 200, body: { generation: 2 } });
    expect(calls).toEqual([
      [
        'token-1',
        {
          accountId: 'account-1',
          organizationId: 'org-1',
          projectId: 'project-1',
          clientAddress: '192.0.2.1',
        },
      ],
    ]);
  });

  it('refuses a replay with a 403, at which clients sign a new assertion', async () => {
    const { instance, send, handled } = await scene();
    const authorization = instanceHeaderOf(instance);
    expect(await send({ authorization })).toMatchObject({ status: 200 });
    expect(await send({ authorization })).toMatchObject({
      status: 403,
      body: { error: { code: 'instance_assertion_replayed' } },
    });
    expect(handled).toHaveLength(1);
  });

  it('refuses a revoked instance with the code at which clients stop', async () => {
    const { instance, send } = await scene();
    instance.change({ status: 'revoked' });
    expect(await send({ authorization: instanceHeaderOf(instance) })).toMatchObject({
      status: 403,
      body: { error: { code: 'runtime_instance_revoked' } },
    });
  });

  it('refuses malformed assertions, two assertions and a repeated header with a 401', async () => {
    const { instance, runtime, send, handled } = await scene({ verifyBearer: () => chatgptActor });
    const bearer = { authorization: 'Bearer token-1' };
    for (const [headers, code] of [
      [{ authorization: 'AgentAssertion 1.e30.e30.AA' }, 'runtime_assertion_invalid'],
      [{ ...bearer, 'x-openai-agent-assertion': '1.e30.e30.AA' }, 'runtime_assertion_invalid'],
      [
        { ...bearer, 'x-openai-agent-assertion': [assertionOf(instance), assertionOf(instance)] },
        'runtime_assertion_invalid',
      ],
      [
        { authorization: headerOf(runtime), 'x-openai-agent-assertion': assertionOf(instance) },
        'malformed_assertion',
      ],
      [
        { authorization: ['Bearer one', 'Bearer two'], 'x-openai-agent-assertion': assertionOf(instance) },
        'invalid_bearer',
      ],
      [{ 'x-openai-agent-assertion': assertionOf(instance) }, 'invalid_bearer'],
    ] as const) {
      expect(await send(headers)).toMatchObject({ status: 401, body: { error: { code } } });
    }
    expect(handled).toEqual([]);
  });

  it('puts no part of the credentials into a refusal or its error', async () => {
    const { instance, send, refusals } = await scene({ verifyBearer: () => platformActor });
    const secrets = [
      { authorization: instanceHeaderOf({ ...instance, runtimeAgentInstanceId: 'rai-2' }) },
      { authorization: instanceHeaderOf(instance, now - 61_000) },
      { authorization: 'Bearer at-0123456789', 'x-openai-agent-assertion': assertionOf(instance) },
      { authorization: 'Basic dXNlcjpwYXNz', 'x-openai-agent-assertion': assertionOf(instance) },
    ];
    const responses = await Promise.all(secrets.map(send));
    expect(responses.map(({ status }) => status)).toEqual([401, 403, 403, 401]);
    const printed = printedForms([responses, refusals]);
    for (const part of secrets
      .flatMap((headers) => Object.values(headers))
      .join(' ')
      .split(/[ .]/)) {
      if (part.length > 8 && part !== 'AgentAssertion') expect(printed).not.toContain(part);
    }
  });
});

it('a request that passes nested scopes with one verifier is verified once', async () => {
  const { instance, verifier } = knownAgents();
  const app = fastify();
  await app.register(requireAgentOfFastify, { verifier });
  await app.register(async (scope) => {
    await scope.register(requireAgentOfFastify, { verifier });
    scope.get('/nested', async (request) => getVerifiedAgent(request, 2).runtimeAgentInstanceId);
  });
  const hono = new Hono()
    .use(requireAgentOfHono(verifier))
    .get('/nested', requireAgentOfHono(verifier), (context) => context.text('rai-1'));
  for (const send of [
    (headers: Record<string, string>) => app.inject({ url: '/nested', headers }).then(({ body }) => body),
    async (headers: Record<string, string>) => (await hono.request('/nested', { headers })).text(),
  ]) {
    const headers = { ...account, authorization: instanceHeaderOf(instance) };
    expect(await send(headers)).toBe('rai-1');
    expect(await send(headers)).toContain('instance_assertion_replayed');
  }
});

describe('requireAgentOnUpgrade', () => {
  /** A WebSocket server that greets agents; returns a function that connects and resolves to the greeting. */
  async function greetingServer(options: Partial<CreateAssertionVerifierOptions> = {}) {
    const { verifier, ...agents } = knownAgents(options);
    const sockets = new WebSocketServer({ noServer: true });
    const server = createServer();
    server.on(
      'upgrade',
      requireAgentOnUpgrade(verifier, (request, socket, head, { generation }) =>
        sockets.handleUpgrade(request, socket, head, (webSocket) =>
          webSocket.send(`hello generation ${generation}`),
        ),
      ),
    );
    const origin = await listenOnLoopback(server);
    function connect(headers: Readonly<Record<string, string>>): Promise<unknown> {
      const socket = new WebSocket(origin.replace('http', 'ws'), { headers: { ...account, ...headers } });
      onTestFinished(() => socket.terminate());
      return new Promise((resolve, reject) => {
        socket.once('message', (data) => resolve(String(data)));
        socket.once('error', reject);
        socket.once('unexpected-response', async (_request, response) => {
          const chunks = await response.toArray();
          resolve({ status: response.statusCode, ...JSON.parse(Buffer.concat(chunks).toString()) });
        });
      });
    }
    return { ...agents, connect };
  }

  it('accepts handshakes of both generations, with and without a bearer token', async () => {
    const { runtime, instance, connect } = await greetingServer({ verifyBearer: () => chatgptActor });
    expect(await connect({ authorization: headerOf(runtime) })).toBe('hello generation 1');
    expect(await connect({ authorization: instanceHeaderOf(instance) })).toBe('hello generation 2');
    const dualHeader = { authorization: 'Bearer t', 'x-openai-agent-assertion': assertionOf(instance) };
    expect(await connect(dualHeader)).toBe('hello generation 2');
  });

  it('refuses a replayed handshake and a revoked instance, with the code in error.code', async () => {
    const { instance, connect } = await greetingServer();
    const authorization = instanceHeaderOf(instance);
    await connect({ authorization });
    expect(await connect({ authorization })).toMatchObject({
      status: 403,
      error: { code: 'instance_assertion_replayed' },
    });
    instance.change({ status: 'revoked' });
    expect(await connect({ authorization: instanceHeaderOf(instance) })).toMatchObject({
      status: 403,
      error: { code: 'runtime_instance_revoked' },
    });
  });
});
