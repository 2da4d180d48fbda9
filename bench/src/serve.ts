/**
 * A server of the bench in a process of its own: node serve.js KIND [ORIGIN or OpenSSH line]. Prints its port, and what its
 * clients need, as JSON.
 */
import { Agent, createServer, request as forward, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { argv, stdout } from 'node:process';
import { getRequestListener } from '@hono/node-server';
import { startBroker } from 'agent-identity-broker';
import { generateAgentKey, readSshPublicKey } from 'agent-identity-core';
import { createAgentIdentityRecord } from 'agent-identity-registry';
import { createAssertionVerifier, memoryDirectory } from 'agent-identity-verifier';
import * as guardHono from 'agent-identity-verifier/hono';
import * as guardNode from 'agent-identity-verifier/node';
import { Hono } from 'hono';
import { defineProvider, loadAuth } from 'provider-auth';
import { accountId, agentRuntimeId, tasks } from './agent.js';

const [, , kind = '', argument = ''] = argv;
const answer = JSON.stringify({ object: 'list', data: [{ id: 'model-1' }] });
const respond: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(answer);
};

/** The service behind the proxies. It also registers the task of the broker. */
const origin: RequestListener = (request, response) => {
  if (request.method === 'GET') return respond(request, response);
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end('{"task_id":"task-1"}');
};

/** What the broker is compared with: no access, no rules, no credentials, no log. */
function bareProxy(): RequestListener {
  const { hostname, port } = new URL(argument);
  const agent = new Agent({ keepAlive: true });
  return (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const sent = forward({ hostname, port, method, path, headers, agent }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(sent);
  };
}

async function serveBroker(): Promise<object> {
  const account = { accountId, chatgptUserId: 'user-1', planType: 'business', isFedramp: false };
  const record = createAgentIdentityRecord({ agentRuntimeId, agentKey: generateAgentKey(), account });
  const { baseUrl, accessToken } = await startBroker({
    auth: await loadAuth({ record, authapiBaseUrl: argument }),
    provider: defineProvider({ kind: 'first_party', baseUrl: `${argument}/v1` }),
    allow: ['GET /v1/models'],
  });
  return { port: Number(new URL(baseUrl ?? '').port), headers: { authorization: `Bearer ${accessToken}` } };
}

function createVerifier() {
  const directory = memoryDirectory();
  directory.putAgentRuntime({ agentRuntimeId, publicKey: readSshPublicKey(argument), accountId });
  for (const taskId of tasks) directory.putAgentTask({ agentRuntimeId, taskId });
  return createAssertionVerifier({ directory });
}

function honoApp(isGuarded: boolean): RequestListener {
  const app = new Hono<guardHono.AgentEnv>();
  if (isGuarded) app.use(guardHono.requireAgent(createVerifier()));
  app.get('/v1/models', (context) => context.body(answer, 200, { 'content-type': 'application/json' }));
  return getRequestListener(app.fetch);
}

const listeners: Readonly<Record<string, () => RequestListener>> = {
  origin: () => origin,
  'bare-proxy': bareProxy,
  node: () => respond,
  'node-guarded': () => guardNode.requireAgent(createVerifier(), respond),
  hono: () => honoApp(false),
  'hono-guarded': () => honoApp(true),
};

const create = listeners[kind];
if (create === undefined) {
  stdout.write(`${JSON.stringify(await serveBroker())}\n`);
} else {
  const server = createServer({ keepAliveTimeout: 60_000 }, create());
  server.listen(0, '127.0.0.1', () => {
    stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port, headers: {} })}\n`);
  });
}
