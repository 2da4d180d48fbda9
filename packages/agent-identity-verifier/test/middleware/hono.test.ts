import { createAssertionVerifier } from 'agent-identity-verifier';
import { type AgentEnv, requireAgent } from 'agent-identity-verifier/hono';
import { Hono } from 'hono';
import { expect, expectTypeOf, it } from 'vitest';
import { headerOf, knownAgent, now } from '../support/known-agent.js';

const agent = knownAgent();
const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
const verifier = createAssertionVerifier({ directory: agent.directory }, { clock: () => now });

it('guards the paths that it is used for, and no others', async () => {
  const app = new Hono<AgentEnv>()
    .get('/health', (context) => context.text('ok'))
    .use('/v1/*', requireAgent(verifier))
    .get('/v1/whoami', (context) => context.text(context.var.agent.taskId));
  expect((await app.request('/health')).status).toBe(200);
  expect((await app.request('/v1/whoami')).status).toBe(401);
  expect((await app.request('/v1/nowhere')).status).toBe(401);
  expect(await (await app.request('/v1/whoami', { headers })).text()).toBe('task-1');
});

it('types the agent for a handler behind it, without a type argument', async () => {
  const app = new Hono().get('/whoami', requireAgent(verifier), (context) => {
    expectTypeOf(context.var.agent.accountId).toEqualTypeOf<string>();
    return context.text(context.get('agent').accountId);
  });
  expect(await (await app.request('/whoami', { headers })).text()).toBe('account-1');
});

it('leaves its answer to the middleware around it', async () => {
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

it('answers 500 when what should tell the client address throws', async () => {
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
