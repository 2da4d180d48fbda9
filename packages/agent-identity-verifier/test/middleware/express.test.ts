import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { type ExpressRequest, requireAgent, verifiedAgentOf } from 'agent-identity-verifier/express';
import express from 'express';
import { expect, it } from 'vitest';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import { listenOnLoopback } from '../support/loopback-server.js';
import { sendRequest } from '../support/send-request.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
const guard = () =>
  requireAgent(createAssertionVerifier({ directory: agent.directory }, { clock: () => now }));

it('guards the routes behind it, and no others', async () => {
  const app = express();
  app.get('/health', (_request, response) => void response.send('ok'));
  app.use('/v1', guard());
  app.get('/v1/whoami', (request, response) => void response.json(verifiedAgentOf(request).taskId));
  const origin = await listenOnLoopback(app);
  expect(await sendRequest(`${origin}/health`)).toMatchObject({ status: 200 });
  expect(await sendRequest(`${origin}/v1/whoami`)).toMatchObject({ status: 401 });
  expect(await sendRequest(`${origin}/v1/nowhere`)).toMatchObject({ status: 401 });
  expect(await sendRequest(`${origin}/v1/whoami`, headers)).toMatchObject({ status: 200, body: 'task-1' });
});

it('guards a single route', async () => {
  const app = express();
  app.get('/whoami', guard(), (request, response) => void response.json(request.agent?.taskId));
  const origin = await listenOnLoopback(app);
  expect(await sendRequest(`${origin}/whoami`)).toMatchObject({ status: 401 });
  expect(await sendRequest(`${origin}/whoami`, headers)).toMatchObject({ status: 200, body: 'task-1' });
});

it('fails a route that reads the agent and was left open by mistake', async () => {
  const app = express().set('env', 'test');
  app.get('/open', (request, response) => void response.json(verifiedAgentOf(request)));
  const origin = await listenOnLoopback(app);
  expect(await sendRequest(`${origin}/open`, headers)).toMatchObject({ status: 500 });
});

it('leaves errors of the routes to the app', async () => {
  const app = express().set('env', 'test');
  app.use(guard());
  app.get('/broken', () => {
    throw Object.assign(new Error('broken'), { status: 418 });
  });
  const origin = await listenOnLoopback(app);
  expect(await sendRequest(`${origin}/broken`, headers)).toMatchObject({ status: 418 });
});

it('counts the address that the trust proxy setting tells', async () => {
  const app = express().set('trust proxy', 'loopback');
  const abuseGuard = { action: 'refuse', maxClientAddresses: 1 } as const;
  const verifier = createAssertionVerifier({ directory: agent.directory, abuseGuard }, { clock: () => now });
  app.use(requireAgent(verifier));
  app.get('/', (_request, response) => void response.send('ok'));
  const origin = await listenOnLoopback(app);
  const from = async (address: string) =>
    (await sendRequest(origin, { ...headers, 'x-forwarded-for': address })).status;
  expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.1')]).toEqual([
    200, 429, 200,
  ]);
});

it('reads the headers of a request that an adapter made and that never was on a wire', async () => {
  const request: ExpressRequest = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  let passed = false;
  await guard()(request, new ServerResponse(request), () => {
    passed = true;
  });
  expect(passed).toBe(true);
  expect(request.agent).toMatchObject({ taskId: 'task-1' });
});
