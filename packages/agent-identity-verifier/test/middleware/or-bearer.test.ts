import type { IncomingMessage } from 'node:http';
import { memoryDirectory, type VerifiedAgent } from 'agent-identity-verifier';
import { getCaller, getVerifiedAgent, requireAgent } from 'agent-identity-verifier/express';
import { forwardAuth } from 'agent-identity-verifier/forward-auth';
import { type Decision, requireAgentOnUpgrade } from 'agent-identity-verifier/node';
import express from 'express';
import fastify from 'fastify';
import { listenOnLoopback, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { callerServices, type Person } from '../support/caller-services.js';
import { collectWarnings } from '../support/collect-warnings.js';
import { headerOf, knownAgent } from '../support/known-agent.js';
import {
  assertionOf,
  chatgptActor,
  instanceHeaderOf,
  knownInstance,
  verifierForBoth,
} from '../support/known-instance.js';
import { sendRequest } from '../support/send-request.js';

const secret = 'token-of-ada-8f2c';
const bearer = { authorization: `Bearer ${secret}` };

/** A service that knows one agent, one instance and one person. */
function createWorld() {
  const agent = knownAgent();
  const instance = knownInstance();
  const directory = { ...memoryDirectory(), ...agent.directory };
  directory.findRuntimeAgentInstance = instance.directory.findRuntimeAgentInstance;
  const verifier = verifierForBoth(
    { directory },
    { verifyBearer: (token) => (token === secret ? chatgptActor : undefined), onFailure: () => {} },
  );
  const asked: string[] = [];
  const orBearer = (token: string): Person | undefined => {
    asked.push(token);
    return token === secret ? { userId: 'ada', capabilities: ['repository:read'] } : undefined;
  };
  const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
  return { agent, instance, verifier, asked, orBearer, headers };
}

describe.each(Object.entries(callerServices))('requireAgent with orBearer for %s', (_name, start) => {
  async function scene(options: Partial<Parameters<typeof start>[1]> = {}) {
    const world = createWorld();
    const refusals: unknown[] = [];
    const decisions: Decision[] = [];
    const origin = await start(world.verifier, {
      orBearer: world.orBearer,
      onRefusal: (error) => refusals.push(error),
      onDecision(decision) {
        decisions.push(decision);
        throw new Error('the log is full');
      },
      ...options,
    });
    return { ...world, refusals, decisions, url: `${origin}/v1/responses` };
  }

  it('lets an agent and the holder of a token through, and says which of them it is', async () => {
    const { url, headers, decisions, asked } = await scene();
    expect(await sendRequest(url, headers)).toMatchObject({
      status: 200,
      body: { by: 'assertion', accountId: 'account-1', agent: { agentRuntimeId: 'agent-1' } },
    });
    expect(asked).toEqual([]);
    expect(await sendRequest(url, bearer)).toMatchObject({
      status: 200,
      body: { by: 'bearer', userId: 'ada' },
    });
    expect(await sendRequest(url, { authorization: `bearer  ${secret}` })).toMatchObject({ status: 200 });
    expect(decisions).toEqual([
      {
        outcome: 'accepted',
        by: 'assertion',
        code: undefined,
        agent: { generation: 1, agentRuntimeId: 'agent-1', taskId: 'task-1', accountId: 'account-1' },
        capability: undefined,
        milliseconds: expect.any(Number),
      },
      expect.objectContaining({ outcome: 'accepted', by: 'bearer', agent: undefined, code: undefined }),
      expect.objectContaining({ outcome: 'accepted', by: 'bearer' }),
    ]);
    expect(decisions.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
    expect(JSON.stringify(decisions)).not.toContain(secret);
  });

  it('asks nobody about the token of a request whose assertion is refused', async () => {
    const { url, headers, asked, instance, decisions } = await scene();
    const stranger = headerOf(knownAgent());
    const refused = [
      { ...headers, authorization: stranger },
      { ...headers, authorization: 'AgentAssertion nonsense' },
      { ...headers, authorization: [stranger, `Bearer ${secret}`] },
      { ...bearer, 'x-openai-agent-assertion': 'nonsense' },
      { ...bearer, 'x-openai-agent-assertion': '' },
      {
        ...bearer,
        'x-openai-agent-assertion': assertionOf(knownInstance()),
        'chatgpt-account-id': 'account-1',
      },
      { authorization: `Basic ${secret}` },
      {},
    ];
    for (const sent of refused) expect(await sendRequest(url, sent)).toMatchObject({ status: 401 });
    expect(decisions.map(({ by, code }) => [by, code])).toEqual([
      ['assertion', 'invalid_signature'],
      ['assertion', 'malformed_assertion'],
      ['assertion', 'malformed_assertion'],
      ['assertion', 'malformed_instance_assertion'],
      ['assertion', 'unsupported_scheme'],
      ['assertion', 'invalid_signature'],
      ['assertion', 'unsupported_scheme'],
      ['assertion', 'missing_assertion'],
    ]);
    instance.change({ status: 'revoked' });
    const beside = { ...bearer, 'x-openai-agent-assertion': assertionOf(instance) };
    expect(await sendRequest(url, { ...beside, 'chatgpt-account-id': 'account-1' })).toMatchObject({
      status: 403,
    });
    expect(asked).toEqual([]);
  });

  it('accepts instances, also beside their bearer token, which stays with the verifier', async () => {
    const { url, asked, instance, decisions } = await scene();
    const account = { 'chatgpt-account-id': 'account-1' };
    for (const sent of [
      { authorization: instanceHeaderOf(instance), ...account },
      { ...bearer, 'x-openai-agent-assertion': assertionOf(instance), ...account },
    ]) {
      expect(await sendRequest(url, sent)).toMatchObject({
        status: 200,
        body: { by: 'assertion', agent: { runtimeAgentInstanceId: 'rai-1' } },
      });
    }
    expect(asked).toEqual([]);
    expect(decisions[1]).toMatchObject({
      agent: {
        generation: 2,
        runtimeAgentInstanceId: 'rai-1',
        agentHostId: 'host-1',
        accountId: 'account-1',
      },
    });
  });

  it.each([
    ['another token', { authorization: 'Bearer other' }],
    ['no token', { authorization: 'Bearer' }],
    ['a token of another form', { authorization: `Bearer ${secret}|1` }],
    ['two tokens', { authorization: [`Bearer ${secret}`, `Bearer ${secret}`] }],
  ])('refuses %s with a 401 and a challenge', async (_what, sent) => {
    const { url, decisions, refusals } = await scene();
    expect(await sendRequest(url, sent)).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      body: { error: { code: 'invalid_bearer' } },
    });
    expect(decisions).toMatchObject([{ outcome: 'refused', by: 'bearer', code: 'invalid_bearer' }]);
    expect(refusals).toMatchObject([{ code: 'invalid_bearer' }]);
    expect(String(refusals[0])).not.toContain(secret);
  });

  it.each([
    [
      'throws',
      () => {
        throw new TypeError(`cannot ask about ${secret}`);
      },
    ],
    ['rejects', async () => Promise.reject(new TypeError(`cannot ask about ${secret}`))],
  ])('answers 503 without the token if orBearer %s', async (_what, orBearer) => {
    const { url, refusals } = await scene({ orBearer });
    const answer = await sendRequest(url, bearer);
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'bearer_check_unavailable' } },
    });
    expect(refusals).toMatchObject([
      { code: 'bearer_check_unavailable', message: 'orBearer failed: TypeError' },
    ]);
    expect(JSON.stringify([answer, String((refusals[0] as Error).stack)])).not.toContain(secret);
  });

  it.each([[true], ['ada'], [{ userId: 'ada', capabilities: 'repository:read' }]])(
    'answers 500 if orBearer returns %j, which is no caller',
    async (returned) => {
      const { url } = await scene({ orBearer: () => returned as never, capability: 'repository:read' });
      expect(await sendRequest(url, bearer)).toMatchObject({ status: 500 });
    },
  );

  it('lets the holder of a token through a route with a capability only if orBearer grants it', async () => {
    const granted = await scene({ capability: 'repository:read' });
    expect(await sendRequest(granted.url, bearer)).toMatchObject({ status: 200 });
    expect(await sendRequest(granted.url, granted.headers)).toMatchObject({ status: 403 });
    expect(granted.decisions).toMatchObject([
      { outcome: 'accepted', capability: 'repository:read' },
      { outcome: 'refused', code: 'capability_missing', agent: { agentRuntimeId: 'agent-1' } },
    ]);
    for (const orBearer of [undefined, () => ({ userId: 'ada' })]) {
      const { url } = await scene({ capability: 'repository:write', ...(orBearer && { orBearer }) });
      expect(await sendRequest(url, bearer)).toMatchObject({
        status: 403,
        body: { error: { message: 'The caller lacks the capability "repository:write".' } },
      });
    }
  });

  it('lets no bearer token through a route with authorize, which judges agents', async () => {
    const seen: VerifiedAgent[] = [];
    const { url, headers } = await scene({ authorize: (agent) => seen.push(agent) > 0 });
    expect(await sendRequest(url, headers)).toMatchObject({ status: 200 });
    expect(await sendRequest(url, bearer)).toMatchObject({
      status: 403,
      body: { error: { code: 'request_not_allowed' } },
    });
    expect(seen).toHaveLength(1);
  });
});

it('reports a failing orBearer by a warning without the token', async () => {
  const { verifier } = createWorld();
  const app = express();
  app.use(requireAgent(verifier, { orBearer: () => Promise.reject(new TypeError(secret)) }));
  const origin = await listenOnLoopback(app);
  const warnings = await collectWarnings(async () => {
    expect(await sendRequest(origin, bearer)).toMatchObject({ status: 503 });
  });
  expect(warnings.join()).toContain('orBearer failed: TypeError');
  expect(warnings.join()).not.toContain(secret);
});

it('getCaller refuses a request that did not pass, and a token that another function judged', async () => {
  const { verifier, orBearer, headers } = createWorld();
  const app = express();
  app.use(requireAgent(verifier, { orBearer }));
  app.get('/', (request, response) => {
    const { by, bearer: person } = getCaller(request, orBearer);
    if (person === undefined) return void response.json({ by });
    const other = (): Person | undefined => undefined;
    const refused = [() => getCaller(request, other), () => getVerifiedAgent(request)].map(thrownBy);
    response.json({ userId: person.userId, codes: refused.map(({ code }) => code) });
  });
  const origin = await listenOnLoopback(app);
  expect(await sendRequest(origin, bearer)).toMatchObject({
    body: { userId: 'ada', codes: ['invalid_argument', 'invalid_argument'] },
  });
  expect(await sendRequest(origin, headers)).toMatchObject({ body: { by: 'assertion' } });
  expect(thrownBy(() => getCaller({}))).toMatchObject({ code: 'invalid_argument' });
});

it('a nested requireAgent without orBearer lets no bearer token through', async () => {
  const { verifier, orBearer, headers } = createWorld();
  const app = fastify();
  const { requireAgent: plugin } = await import('agent-identity-verifier/fastify');
  await app.register(plugin, { verifier, orBearer });
  await app.register(async (scope) => {
    await scope.register(plugin, { verifier });
    scope.get('/agents', async () => 'agents');
  });
  expect((await app.inject({ url: '/agents', headers: bearer })).statusCode).toBe(401);
  expect((await app.inject({ url: '/agents', headers })).statusCode).toBe(200);
});

it.each([
  ['a WebSocket', (options: object) => requireAgentOnUpgrade(createWorld().verifier, () => {}, options)],
  [
    'a proxy',
    (options: object) => forwardAuth(createWorld().verifier, { rules: [{ path: '/' }], ...options }),
  ],
  ['orBearer that is no function', () => requireAgent(createWorld().verifier, { orBearer: 'yes' as never })],
])('is refused at construction for %s', (_what, create) => {
  const orBearer = (_token: string, _request: IncomingMessage) => undefined;
  expect(thrownBy(() => create({ orBearer }))).toMatchObject({
    code: 'invalid_argument',
    message: expect.stringContaining('orBearer'),
  });
});
