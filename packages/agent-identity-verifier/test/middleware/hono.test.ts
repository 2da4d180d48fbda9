import { createAssertionVerifier, type VerifiedAgentRuntime } from 'agent-identity-verifier';
import { type AgentEnv, requireAgent } from 'agent-identity-verifier/hono';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { expect, expectTypeOf, it } from 'vitest';
import { pageOrigin, preflightHeaders } from '../support/browser-preflight.js';
import { headerOf, knownAgent, now } from '../support/known-agent.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });

it('requireAgent for Hono guards the paths that it is used for, and no others', async () => {
  const app = new Hono<AgentEnv>()
    .get('/health', (context) => context.text('ok'))
    .use('/v1/*', requireAgent(verifier))
    .get('/v1/whoami', (context) => context.text(context.var.agent.taskId));
  expect((await app.request('/health')).status).toBe(200);
  expect((await app.request('/v1/whoami')).status).toBe(401);
  expect((await app.request('/v1/nowhere')).status).toBe(401);
  expect(await (await app.request('/v1/whoami', { headers })).text()).toBe('task-1');
});

it('requireAgent for Hono types the agent for later handlers without a type argument', async () => {
  const app = new Hono().get('/whoami', requireAgent(verifier), (context) => {
    expectTypeOf(context.var.agent.accountId).toEqualTypeOf<string>();
    return context.text(context.get('agent').accountId);
  });
  expect(await (await app.request('/whoami', { headers })).text()).toBe('account-1');
});

it('outer middleware of Hono can change a refusal', async () => {
  const app = new Hono<AgentEnv>();
  app.use(async (context, next) => {
    await next();
    context.header('x-request-id', 'request-1');
  });
  app.use(requireAgent(verifier));
  app.get('/', (context) => context.text('ok'));
  const response = await app.request('/');
  expect([response.status, response.headers.get('x-request-id')]).toEqual([401, 'request-1']);
});

it('requireAgent for Hono answers 500 if clientAddress throws', async () => {
  const refusals: unknown[] = [];
  const app = new Hono<AgentEnv>();
  app.use(
    requireAgent(verifier, {
      clientAddress: () => {
        throw new Error('no connection info');
      },
      onRefusal: (error) => refusals.push(error),
    }),
  );
  app.get('/', (context) => context.text('ok'));
  expect((await app.request('/', { headers })).status).toBe(500);
  expect(refusals).toMatchObject([{ message: 'no connection info' }]);
});

it('requireAgent for Hono keeps the headers on a refusal that earlier middleware has set before next()', async () => {
  const app = new Hono<AgentEnv>();
  app.use(async (context, next) => {
    context.header('x-request-id', 'request-1');
    context.header('set-cookie', 'a=1', { append: true });
    context.header('set-cookie', 'b=2', { append: true });
    await next();
  });
  app.use(secureHeaders());
  app.use(requireAgent(verifier));
  app.get('/', (context) => context.text('ok'));
  const { status, headers: received } = await app.request('/');
  expect(status).toBe(401);
  expect(received.get('x-request-id')).toBe('request-1');
  expect(received.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(received.get('x-content-type-options')).toBe('nosniff');
  expect(received.get('www-authenticate')).toBe('AgentAssertion');
  expect(received.get('content-type')).toMatch(/^application\/json/);
});

it('requireAgent for Hono works after cors(): the preflight passes, and refusals have the CORS headers', async () => {
  const app = new Hono<AgentEnv<VerifiedAgentRuntime>>();
  app.use(cors({ origin: pageOrigin }));
  app.use('/v1/*', requireAgent(verifier));
  app.get('/v1/whoami', (context) => context.text(context.var.agent.taskId));
  const preflight = await app.request('/v1/whoami', { method: 'OPTIONS', headers: preflightHeaders });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,chatgpt-account-id');
  const refused = await app.request('/v1/whoami', { headers: { origin: pageOrigin } });
  const accepted = await app.request('/v1/whoami', { headers: { ...headers, origin: pageOrigin } });
  expect([refused.status, accepted.status]).toEqual([401, 200]);
  for (const response of [preflight, refused, accepted]) {
    expect(response.headers.get('access-control-allow-origin')).toBe(pageOrigin);
  }
});
