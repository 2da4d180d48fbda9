import {
  type AgentDirectory,
  type AssertionVerifier,
  createAssertionVerifier,
  isAgentIdentityError,
  type ReplayLimiterOptions,
  type VerifiedAgent,
} from 'agent-identity-verifier';
import { requireAgent as requireAgentOfExpress } from 'agent-identity-verifier/express';
import { requireAgent as requireAgentOfHono } from 'agent-identity-verifier/hono';
import { requireAgent as requireAgentOfNode, requireAgentOnUpgrade } from 'agent-identity-verifier/node';
import { printedForms, thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { collectWarnings } from '../support/collect-warnings.js';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import { middlewareServices } from '../support/middleware-services.js';
import { sendRequest } from '../support/send-request.js';

interface SceneOptions {
  readonly directory?: AgentDirectory;
  readonly replayLimiter?: ReplayLimiterOptions;
  readonly addressHeader?: string;
  readonly capabilities?: readonly string[];
  readonly capability?: string;
  readonly authorize?: (agent: VerifiedAgent) => boolean | Promise<boolean>;
}

describe.each(Object.entries(middlewareServices))('requireAgent for %s', (_name, start) => {
  /** A guarded route of a service that knows one agent, and a record of what happened. */
  async function scene({
    directory,
    replayLimiter,
    addressHeader,
    capabilities = [],
    ...allowed
  }: SceneOptions = {}) {
    const agent = knownAgent();
    agent.change({ capabilities });
    const handled: VerifiedAgent[] = [];
    const refusals: unknown[] = [];
    const verifier = createAssertionVerifier(
      { directory: directory ?? agent.directory, replayLimiter, onFailure: () => {} },
      { clock: () => now },
    );
    const onRefusal = (error: unknown) => {
      refusals.push(error);
      throw new Error('the log is full');
    };
    const origin = await start(verifier, { onRefusal, addressHeader, ...allowed }, (who) =>
      handled.push(who),
    );
    const url = `${origin}/v1/responses`;
    const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
    return { agent, url, headers, handled, refusals };
  }

  it('lets a verified agent through, and identifies it', async () => {
    const { url, headers, handled, refusals } = await scene();
    const who = {
      generation: 1,
      agentRuntimeId: 'agent-1',
      taskId: 'task-1',
      accountId: 'account-1',
      capabilities: [],
      labels: {},
      lineage: [],
      signedAt: '2026-04-23T00:00:00Z',
    };
    expect(await sendRequest(url, headers)).toMatchObject({ status: 200, body: who });
    expect(handled).toEqual([who]);
    expect(refusals).toEqual([]);
  });

  it('lets an agent with the capability through, and tells what else it may do', async () => {
    const capabilities = ['repository:read', 'repository:write'];
    const { url, headers } = await scene({ capabilities, capability: 'repository:write' });
    expect(await sendRequest(url, headers)).toMatchObject({ status: 200, body: { capabilities } });
  });

  it.each([[[]], [['repository']], [['repository:write2']], [['REPOSITORY:WRITE']], [['*']]])(
    'refuses an agent with the capabilities %j by the name of the one that it lacks',
    async (capabilities) => {
      const { url, headers, handled, refusals } = await scene({
        capabilities,
        capability: 'repository:write',
      });
      expect(await sendRequest(url, headers)).toMatchObject({
        status: 403,
        body: {
          error: {
            code: 'capability_missing',
            message: 'The agent lacks the capability "repository:write".',
          },
        },
      });
      expect(handled).toEqual([]);
      expect(refusals).toMatchObject([{ code: 'capability_missing' }]);
    },
  );

  it('asks authorize, with the agent, once it has the capability', async () => {
    const asked: VerifiedAgent[] = [];
    const authorize = async (agent: VerifiedAgent) => asked.push(agent) === 1;
    const { url, headers, handled } = await scene({ capabilities: ['a'], capability: 'a', authorize });
    expect(await sendRequest(url, headers)).toMatchObject({ status: 200 });
    expect(await sendRequest(url, headers)).toMatchObject({
      status: 403,
      body: { error: { code: 'request_not_allowed' } },
    });
    expect(await sendRequest(url)).toMatchObject({ status: 401 });
    expect(asked).toMatchObject([{ agentRuntimeId: 'agent-1' }, { agentRuntimeId: 'agent-1' }]);
    expect(handled).toHaveLength(1);
  });

  it.each([
    ['says yes in other words', () => 'yes' as never, 403],
    [
      'throws',
      () => {
        throw new Error('the policy of hunter2 is down');
      },
      500,
    ],
  ])('lets nobody through if authorize %s', async (_what, authorize, status) => {
    const { url, headers, handled } = await scene({ authorize });
    const answer = await sendRequest(url, headers);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(handled).toEqual([]);
  });

  it('refuses a request with so many headers that Node may have dropped a second assertion', async () => {
    const { url, headers, handled } = await scene();
    const second = { Authorization: headerOf(knownAgent()) };
    const padded = { ...headers, a: Array.from({ length: 1100 }, () => 'b'), ...second };
    expect(await sendRequest(url, padded)).toMatchObject({
      status: 401,
      body: { error: { code: 'malformed_assertion' } },
    });
    expect(handled).toEqual([]);
  });

  it('refuses a request without an assertion with a 401 and a challenge', async () => {
    const { url, handled, refusals } = await scene();
    expect(await sendRequest(url)).toEqual({
      status: 401,
      headers: expect.objectContaining({
        'www-authenticate': 'AgentAssertion',
        'content-type': expect.stringMatching(/^application\/json/),
        'cache-control': 'no-store',
      }),
      body: { error: { code: 'missing_assertion', message: 'An agent assertion is required.' } },
    });
    expect(handled).toEqual([]);
    expect(refusals).toMatchObject([{ code: 'missing_assertion' }]);
  });

  it('refuses an invalid assertion with a 401 and passes the reason only to onRefusal', async () => {
    const { agent, url, headers, handled, refusals } = await scene();
    const authorization = headerOf({ ...agent, agentRuntimeId: 'agent-2' });
    expect(await sendRequest(url, { ...headers, authorization })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'AgentAssertion error="invalid_signature"' },
      body: { error: { code: 'invalid_signature' } },
    });
    expect(handled).toEqual([]);
    expect(refusals.every((error) => isAgentIdentityError(error))).toBe(true);
    expect(refusals).toMatchObject([{ code: 'agent_runtime_not_found' }]);
  });

  it.each(['Bearer at-0123456789', 'Basic dXNlcjpwYXNz', 'sk-live-0123456789'])(
    'refuses other credentials with a 401 that says which scheme to use: %s',
    async (authorization) => {
      const { url, headers, refusals } = await scene();
      const response = await sendRequest(url, { ...headers, authorization });
      expect(response).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'AgentAssertion' },
        body: {
          error: {
            code: 'unsupported_scheme',
            message: 'The Authorization header must have the scheme AgentAssertion; it has another one.',
          },
        },
      });
      const secret = authorization.split(' ').at(-1) ?? '';
      expect(printedForms([response, refusals])).not.toContain(secret);
    },
  );

  it('puts no part of the credentials of a request into a refusal or its error', async () => {
    const { agent, url, headers, refusals } = await scene();
    const secrets = {
      authorization: headerOf({ ...agent, taskId: 'no-such-task' }),
      'x-openai-agent-assertion': '1.eyJhbGciOiJFZERTQSJ9.eyJpYXQiOjF9.c2lnbmF0dXJl',
      cookie: 'session=0123456789abcdef',
    };
    const responses = [
      await sendRequest(url, { ...headers, ...secrets }),
      await sendRequest(url, { ...secrets, authorization: 'Bearer at-0123456789' }),
      await sendRequest(url, { 'x-openai-agent-assertion': secrets['x-openai-agent-assertion'] }),
    ];
    expect(responses.map(({ status }) => status)).toEqual([401, 403, 403]);
    expect(refusals).toHaveLength(3);
    const printed = printedForms([responses, refusals]);
    for (const secret of Object.values(secrets)) {
      for (const part of secret.split(/[ .=]/).filter((word) => word.length > 8)) {
        if (part !== 'AgentAssertion') expect(printed).not.toContain(part);
      }
    }
  });

  it('refuses another account, no account, and a revoked runtime with a 403', async () => {
    const { agent, url, headers, handled } = await scene();
    const { authorization } = headers;
    expect(await sendRequest(url, { ...headers, 'chatgpt-account-id': 'account-2' })).toMatchObject({
      status: 403,
      body: { error: { code: 'account_mismatch' } },
    });
    expect(await sendRequest(url, { authorization })).toMatchObject({
      status: 403,
      body: { error: { code: 'missing_account_id' } },
    });
    agent.change({ status: 'revoked' });
    expect(await sendRequest(url, headers)).toMatchObject({
      status: 403,
      body: { error: { code: 'agent_runtime_deleted', message: 'Agent runtime has been deleted.' } },
    });
    expect(handled).toEqual([]);
  });

  it('answers 503 with Retry-After while the directory fails', async () => {
    const fail = async () => {
      throw new Error('connection refused');
    };
    const directory: AgentDirectory = { findAgentRuntime: fail, findAgentTask: fail };
    const { url, headers, handled } = await scene({ directory });
    expect(await sendRequest(url, headers)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'directory_unavailable' } },
    });
    expect(handled).toEqual([]);
  });

  it('refuses two Authorization headers in any order, also if they are equal', async () => {
    const { url, headers, handled } = await scene();
    const { authorization } = headers;
    for (const [several, code] of [
      [[authorization, 'Bearer other'], 'malformed_assertion'],
      [['Bearer other', authorization], 'unsupported_scheme'],
      [[authorization, authorization], 'malformed_assertion'],
      [[authorization, ''], 'malformed_assertion'],
    ] as const) {
      for (const name of ['authorization', 'Authorization']) {
        const { authorization: _one, ...others } = headers;
        expect(await sendRequest(url, { ...others, [name]: several })).toMatchObject({
          status: 401,
          body: { error: { code } },
        });
      }
    }
    expect(handled).toEqual([]);
  });

  it('refuses two account headers', async () => {
    const { url, headers, handled } = await scene();
    for (const several of [
      ['account-1', 'account-2'],
      ['account-2', 'account-1'],
    ]) {
      expect(await sendRequest(url, { ...headers, 'chatgpt-account-id': several })).toMatchObject({
        status: 403,
        body: { error: { code: 'account_mismatch' } },
      });
    }
    expect(handled).toEqual([]);
  });

  it('refuses an address over the limit of the replay limiter with a 429 and Retry-After', async () => {
    const { url, headers, handled } = await scene({
      replayLimiter: { action: 'refuse', maxClientAddresses: 1 },
      addressHeader: 'x-client-address',
    });
    const from = (address: string) => sendRequest(url, { ...headers, 'x-client-address': address });
    expect(await from('192.0.2.1')).toMatchObject({ status: 200 });
    expect(await from('192.0.2.2')).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: { error: { code: 'too_many_requests' } },
    });
    expect(await from('192.0.2.1')).toMatchObject({ status: 200 });
    expect(handled).toHaveLength(2);
  });
});

it.each(Object.entries(middlewareServices))(
  'requireAgent for %s warns the process about a 500 without onRefusal, at most once a minute',
  async (_name, start) => {
    const verify = async () => {
      throw new TypeError('a secret');
    };
    const url = `${await start({ verify }, {}, () => {})}/v1/responses`;
    const warnings = await collectWarnings(async () => {
      for (let i = 0; i < 2; i += 1) expect(await sendRequest(url)).toMatchObject({ status: 500 });
    });
    expect(warnings).toEqual([
      'requireAgent answered 500 because of an error: TypeError. The option onRefusal receives it',
    ]);
  },
);

it.each([
  ['a missing verifier', undefined, {}, 'verifier: expected an AssertionVerifier'],
  ['options as verifier', { directory: {} }, {}, 'without the method verify'],
  ['an unknown option', undefined, { onRefuse() {} }, 'did you mean "onRefusal"'],
  ['a listener of the wrong type', undefined, { onRefusal: 'log' }, 'onRefusal: expected a function'],
  [
    'a client address of the wrong type',
    undefined,
    { clientAddress: '::1' },
    'clientAddress: expected a function',
  ],
])('requireAgent refuses %s at construction', (what, verifier, options, message) => {
  const valid = createAssertionVerifier({ directory: knownAgent().directory });
  const used = (what === 'a missing verifier' ? undefined : (verifier ?? valid)) as AssertionVerifier;
  for (const create of [
    () => requireAgentOfHono(used, options as object),
    () => requireAgentOfExpress(used, options as object),
    () => requireAgentOfNode(used, () => {}, options as object),
    () => requireAgentOnUpgrade(used, () => {}, options as object),
  ]) {
    expect(thrownBy(create)).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining(message),
    });
  }
});

it.each(
  Object.entries(middlewareServices).filter(([name]) => !['Hono', 'Request and Response'].includes(name)),
)('requireAgent for %s takes the client address from the connection by default', async (_name, start) => {
  const addresses: (string | undefined)[] = [];
  const agent = knownAgent();
  const verifier: Pick<AssertionVerifier, 'verify'> = {
    async verify(header, context) {
      addresses.push(context?.clientAddress);
      return createAssertionVerifier({ directory: agent.directory }, { clock: () => now }).verify(
        header,
        context,
      );
    },
  };
  const origin = await start(verifier, {}, () => {});
  const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
  expect(await sendRequest(`${origin}/v1/responses`, headers)).toMatchObject({ status: 200 });
  expect(addresses).toEqual(['127.0.0.1']);
});
