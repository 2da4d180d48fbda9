import { getRequestListener } from '@hono/node-server';
import {
  type AbuseGuardOptions,
  type AgentDirectory,
  type AssertionVerifier,
  createAssertionVerifier,
  isAgentIdentityError,
  type VerifiedAgent,
} from 'agent-identity-verifier';
import * as forExpress from 'agent-identity-verifier/express';
import * as forFastify from 'agent-identity-verifier/fastify';
import * as forHono from 'agent-identity-verifier/hono';
import * as forNode from 'agent-identity-verifier/node';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import { headerOf, knownAgent, now } from '../support/known-agent.js';
import { listenOnLoopback } from '../support/loopback-server.js';
import { sendRequest } from '../support/send-request.js';

/** Serves one guarded route, which answers with the agent, and tells its origin. */
type Serve = (
  verifier: AssertionVerifier,
  options: Required<Omit<forNode.MiddlewareOptions<unknown>, 'clientAddress'>> & {
    /** The name of a header to take the client address from. */
    readonly addressHeader: string | undefined;
  },
  onHandled: (agent: VerifiedAgent) => void,
) => Promise<string>;

const serve: Readonly<Record<'hono' | 'express' | 'fastify' | 'node', Serve>> = {
  hono(verifier, { onRefusal, addressHeader }, onHandled) {
    const app = new Hono<forHono.AgentEnv>();
    app.use(
      forHono.requireAgent(verifier, {
        onRefusal,
        clientAddress: addressHeader ? (context) => context.req.header(addressHeader) : undefined,
      }),
    );
    app.all('/v1/responses', (context) => {
      onHandled(context.var.agent);
      return context.json(context.var.agent);
    });
    return listenOnLoopback(getRequestListener(app.fetch));
  },

  express(verifier, { onRefusal, addressHeader }, onHandled) {
    const app = express();
    app.use(
      forExpress.requireAgent(verifier, {
        onRefusal,
        clientAddress: addressHeader ? ({ headers }) => headers[addressHeader]?.toString() : undefined,
      }),
    );
    app.all('/v1/responses', (request, response) => {
      onHandled(forExpress.verifiedAgentOf(request));
      response.json(request.agent);
    });
    return listenOnLoopback(app);
  },

  async fastify(verifier, { onRefusal, addressHeader }, onHandled) {
    const app = fastify();
    await app.register(forFastify.requireAgent, {
      verifier,
      onRefusal,
      clientAddress: addressHeader ? ({ headers }) => headers[addressHeader]?.toString() : undefined,
    });
    app.all('/v1/responses', async (request) => {
      onHandled(forFastify.verifiedAgentOf(request));
      return request.agent;
    });
    onTestFinished(() => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  },

  node(verifier, { onRefusal, addressHeader }, onHandled) {
    return listenOnLoopback(
      forNode.requireAgent(
        verifier,
        (_request, response, agent) => {
          onHandled(agent);
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify(agent));
        },
        {
          onRefusal,
          clientAddress: addressHeader ? ({ headers }) => headers[addressHeader]?.toString() : undefined,
        },
      ),
    );
  },
};

interface SceneOptions {
  readonly directory?: AgentDirectory;
  readonly abuseGuard?: AbuseGuardOptions;
  readonly addressHeader?: string;
}

describe.each(Object.entries(serve))('requireAgent for %s', (_name, start) => {
  /** A guarded route of a service that knows one agent, and what happened in it. */
  async function scene({ directory, abuseGuard, addressHeader }: SceneOptions = {}) {
    const agent = knownAgent();
    const handled: VerifiedAgent[] = [];
    const refusals: unknown[] = [];
    const verifier = createAssertionVerifier(
      { directory: directory ?? agent.directory, abuseGuard },
      { clock: () => now },
    );
    const onRefusal = (error: unknown) => {
      refusals.push(error);
      throw new Error('the log is full');
    };
    const origin = await start(verifier, { onRefusal, addressHeader }, (who) => handled.push(who));
    const url = `${origin}/v1/responses`;
    const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
    return { agent, url, headers, handled, refusals };
  }

  it('lets a verified agent through, and says who it is', async () => {
    const { url, headers, handled, refusals } = await scene();
    const who = {
      agentRuntimeId: 'agent-1',
      taskId: 'task-1',
      accountId: 'account-1',
      signedAt: '2026-04-23T00:00:00Z',
    };
    expect(await sendRequest(url, headers)).toMatchObject({ status: 200, body: who });
    expect(handled).toEqual([who]);
    expect(refusals).toEqual([]);
  });

  it('answers 401 with a challenge to a request without an assertion', async () => {
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

  it('answers 401 to an assertion that does not verify, and tells the reason to the service only', async () => {
    const { agent, url, headers, handled, refusals } = await scene();
    const authorization = headerOf({ ...agent, agentRuntimeId: 'agent-2' });
    expect(await sendRequest(url, { ...headers, authorization })).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'AgentAssertion error="invalid_signature"' },
      body: { error: { code: 'invalid_signature' } },
    });
    expect(handled).toEqual([]);
    expect(refusals.every(isAgentIdentityError)).toBe(true);
    expect(refusals).toMatchObject([{ code: 'agent_runtime_not_found' }]);
  });

  it('answers 403 for another account, for none, and for a runtime that was revoked', async () => {
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
    agent.directory.putAgentRuntime({ ...agent, publicKey: agent.agentKey.publicKey, status: 'revoked' });
    expect(await sendRequest(url, headers)).toMatchObject({
      status: 403,
      body: { error: { code: 'agent_runtime_deleted', message: 'Agent runtime has been deleted.' } },
    });
    expect(handled).toEqual([]);
  });

  it('answers 503 with Retry-After while the directory cannot answer', async () => {
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

  it('refuses two Authorization headers, in whichever order, and also the same one twice', async () => {
    const { url, headers, handled } = await scene();
    const { authorization } = headers;
    for (const several of [
      [authorization, 'Bearer other'],
      ['Bearer other', authorization],
      [authorization, authorization],
      [authorization, ''],
    ]) {
      for (const name of ['authorization', 'Authorization']) {
        const { authorization: _one, ...others } = headers;
        expect(await sendRequest(url, { ...others, [name]: several })).toMatchObject({
          status: 401,
          body: { error: { code: 'malformed_assertion' } },
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

  it('answers 429 with Retry-After to an address over the limit of the abuse guard', async () => {
    const { url, headers, handled } = await scene({
      abuseGuard: { action: 'refuse', maxClientAddresses: 1 },
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

it.each(['express', 'fastify', 'node'] as const)(
  'requireAgent for %s counts by the address of the connection unless told otherwise',
  async (name) => {
    const addresses: (string | undefined)[] = [];
    const agent = knownAgent();
    const verifier: AssertionVerifier = {
      async verify(header, context) {
        addresses.push(context?.clientAddress);
        return createAssertionVerifier({ directory: agent.directory }, { clock: () => now }).verify(
          header,
          context,
        );
      },
    };
    const origin = await serve[name](verifier, { onRefusal: () => {}, addressHeader: undefined }, () => {});
    const headers = { authorization: headerOf(agent), 'chatgpt-account-id': 'account-1' };
    expect(await sendRequest(`${origin}/v1/responses`, headers)).toMatchObject({ status: 200 });
    expect(addresses).toEqual(['127.0.0.1']);
  },
);
