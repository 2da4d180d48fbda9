import fastifyCors from '@fastify/cors';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { getVerifiedAgent, type RequireAgentOptions, requireAgent } from 'agent-identity-verifier/fastify';
import fastify5 from 'fastify';
import fastify4 from 'fastify-4';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pageOrigin, preflightHeaders } from '../support/browser-preflight.js';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import { sendRequest } from '../support/send-request.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });

type App = ReturnType<typeof fastify5>;

/** Listens until the test is over; returns the origin. */
async function listen(app: App): Promise<string> {
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

describe.each([
  ['Fastify 4', fastify4 as unknown as typeof fastify5],
  ['Fastify 5', fastify5],
])('requireAgent for %s', (_name, fastify) => {
  it('guards the scope that it is registered in, and no other', async () => {
    const app = fastify();
    app.get('/health', async () => 'ok');
    await app.register(async (scope) => {
      await scope.register(requireAgent, { verifier });
      scope.get('/whoami', async (request) => getVerifiedAgent(request, 1).taskId);
    });
    const origin = await listen(app);
    expect(await sendRequest(`${origin}/health`)).toMatchObject({ status: 200 });
    expect(await sendRequest(`${origin}/whoami`)).toMatchObject({ status: 401 });
    expect(await sendRequest(`${origin}/whoami`, headers)).toMatchObject({ status: 200, body: 'task-1' });
  });

  it('starts every request without an agent', async () => {
    const app = fastify();
    const seen: unknown[] = [];
    app.addHook('onRequest', async (request) => void seen.push(request.agent));
    await app.register(requireAgent, { verifier });
    app.get('/', async () => 'ok');
    const origin = await listen(app);
    for (let i = 0; i < 2; i += 1) await sendRequest(origin, headers);
    expect(seen).toEqual([null, null]);
  });

  it('refuses a request before its body is read', async () => {
    const app = fastify();
    await app.register(requireAgent, { verifier });
    app.post('/', async (request) => request.body);
    const url = await listen(app);
    const post = (fields: Record<string, string>) =>
      fetch(url, {
        method: 'POST',
        headers: { ...fields, 'content-type': 'application/json' },
        body: '{ "not": json',
      });
    expect((await post({})).status).toBe(401);
    expect((await post(headers)).status).toBe(400);
  });

  it('guards unknown routes too, so that strangers learn no routes', async () => {
    const app = fastify();
    await app.register(requireAgent, { verifier });
    const url = `${await listen(app)}/nowhere`;
    expect(await sendRequest(url)).toMatchObject({ status: 401 });
    expect(await sendRequest(url, headers)).toMatchObject({ status: 404 });
  });

  it('lets getVerifiedAgent fail a route that is unprotected by mistake', async () => {
    const app = fastify();
    app.get('/open', async (request) => getVerifiedAgent(request));
    expect(await sendRequest(`${await listen(app)}/open`, headers)).toMatchObject({ status: 500 });
  });

  it('can be registered in nested scopes, and a request passes every one of them', async () => {
    const other = knownAgent();
    const otherVerifier = createAssertionVerifier({ directory: other.directory }, { clock: () => now });
    const app = fastify();
    await app.register(async (outer) => {
      await outer.register(requireAgent, { verifier });
      outer.get('/outer', async (request) => getVerifiedAgent(request, 1).taskId);
      await outer.register(async (inner) => {
        await inner.register(requireAgent, { verifier });
        inner.get('/inner', async (request) => getVerifiedAgent(request, 1).taskId);
      });
      await outer.register(async (inner) => {
        await inner.register(requireAgent, { verifier: otherVerifier });
        inner.get('/other', async (request) => getVerifiedAgent(request, 1).taskId);
      });
    });
    const origin = await listen(app);
    for (const path of ['/outer', '/inner']) {
      expect(await sendRequest(origin + path)).toMatchObject({ status: 401 });
      expect(await sendRequest(origin + path, headers)).toMatchObject({ status: 200, body: 'task-1' });
    }
    expect(await sendRequest(`${origin}/other`, headers)).toMatchObject({ status: 401 });
  });

  it('can be registered in a nested scope before the outer one, in sibling scopes, and twice in one', async () => {
    const app = fastify();
    for (const path of ['/first', '/second']) {
      app.register(async (scope) => {
        await scope.register(requireAgent, { verifier });
        scope.get(path, async (request) => getVerifiedAgent(request, 1).taskId);
      });
    }
    app.register(requireAgent, { verifier });
    app.register(requireAgent, { verifier });
    app.register(async (scope) => {
      scope.get('/third', async (request) => getVerifiedAgent(request, 1).taskId);
    });
    const origin = await listen(app);
    for (const path of ['/first', '/second', '/third']) {
      expect(await sendRequest(origin + path, headers)).toMatchObject({ status: 200, body: 'task-1' });
    }
  });

  it('rejects ready() if another plugin has added a request decorator agent', async () => {
    for (const isNested of [false, true]) {
      const app = fastify();
      app.decorateRequest('agent', null);
      if (isNested) app.register(async (scope) => void scope.register(requireAgent, { verifier }));
      else app.register(requireAgent, { verifier });
      await expect(async () => app.ready()).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining('request decorator "agent"'),
      });
    }
  });

  it('rejects ready() for invalid options', async () => {
    for (const [options, message] of [
      [{}, 'verifier: expected an AssertionVerifier'],
      [{ verifier, onRefused() {} }, 'did you mean "onRefusal"'],
      [{ verifier, prefix: '/v1' }, 'unknown member "prefix"'],
    ] as const) {
      const app = fastify();
      app.register(requireAgent, options as unknown as RequireAgentOptions);
      await expect(async () => app.ready()).rejects.toMatchObject({
        code: 'invalid_argument',
        message: expect.stringContaining(message),
      });
    }
  });

  it('keeps the headers on a refusal that earlier hooks have set', async () => {
    const app = fastify();
    app.addHook('onRequest', async (_request, reply) => void reply.header('x-request-id', 'request-1'));
    await app.register(requireAgent, { verifier });
    app.get('/', async () => 'ok');
    expect(await sendRequest(await listen(app))).toMatchObject({
      status: 401,
      headers: { 'x-request-id': 'request-1', 'www-authenticate': 'AgentAssertion' },
    });
  });
});

it('requireAgent for Fastify works after @fastify/cors: the preflight passes, and refusals have the CORS headers', async () => {
  const app = fastify5();
  await app.register(fastifyCors, { origin: pageOrigin });
  await app.register(requireAgent, { verifier });
  app.get('/whoami', async (request) => getVerifiedAgent(request, 1).taskId);
  const url = `${await listen(app)}/whoami`;
  const allowed = { 'access-control-allow-origin': pageOrigin };
  expect(await sendRequest(url, preflightHeaders, 'OPTIONS')).toMatchObject({
    status: 204,
    headers: { ...allowed, 'access-control-allow-headers': 'authorization,chatgpt-account-id' },
  });
  expect(await sendRequest(url, { origin: pageOrigin })).toMatchObject({ status: 401, headers: allowed });
  expect(await sendRequest(url, { ...headers, origin: pageOrigin })).toMatchObject({
    status: 200,
    headers: allowed,
  });
});
