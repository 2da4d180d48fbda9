import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent, verifiedAgentOf } from 'agent-identity-verifier/fastify';
import fastify from 'fastify';
import { expect, it } from 'vitest';
import { headerOf, knownAgent, now } from '../support/known-agent.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });

it('guards the scope that it is registered in, and no other', async () => {
  const app = fastify();
  app.get('/health', async () => 'ok');
  await app.register(async (scope) => {
    await scope.register(requireAgent, { verifier });
    scope.get('/whoami', async (request) => verifiedAgentOf(request).taskId);
  });
  expect((await app.inject('/health')).statusCode).toBe(200);
  expect((await app.inject('/whoami')).statusCode).toBe(401);
  expect((await app.inject({ url: '/whoami', headers })).body).toBe('task-1');
});

it('leaves no agent of one request on another', async () => {
  const app = fastify();
  const seen: unknown[] = [];
  app.addHook('onRequest', async (request) => void seen.push(request.agent));
  await app.register(requireAgent, { verifier });
  app.get('/', async () => 'ok');
  for (let i = 0; i < 2; i += 1) await app.inject({ url: '/', headers });
  expect(seen).toEqual([null, null]);
});

it('answers before a body is read', async () => {
  const app = fastify();
  await app.register(requireAgent, { verifier });
  app.post('/', async (request) => request.body);
  const payload = '{ "not": json';
  const json = { 'content-type': 'application/json' };
  expect((await app.inject({ method: 'POST', url: '/', payload, headers: json })).statusCode).toBe(401);
  const known = { ...headers, ...json };
  expect((await app.inject({ method: 'POST', url: '/', payload, headers: known })).statusCode).toBe(400);
});

it('guards what there is not, too: a stranger learns no routes', async () => {
  const app = fastify();
  await app.register(requireAgent, { verifier });
  expect((await app.inject('/nowhere')).statusCode).toBe(401);
  expect((await app.inject({ url: '/nowhere', headers })).statusCode).toBe(404);
});

it('fails a route that reads the agent and was left open by mistake', async () => {
  const app = fastify();
  app.get('/open', async (request) => verifiedAgentOf(request));
  expect((await app.inject({ url: '/open', headers })).statusCode).toBe(500);
});
