import { once } from 'node:events';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startBroker } from 'agent-identity-broker';
import { defineProvider, loadAuth } from 'provider-auth';
import { deferred, listenOnLoopback, printedForms } from 'test-support';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { post, refusalOf } from './support/requests.js';
import { startScene } from './support/start-scene.js';

describe('a broker', () => {
  it('signs the requests of a client that knows only the access token', async () => {
    const { send, agentRuntimeId, received, log } = await startScene();
    const response = await send(
      '/v1/responses?x=1',
      post('{"input":"hello"}', { 'x-request-id': 'request-1' }),
    );
    expect(await response.json()).toMatchObject({ agentRuntimeId });
    expect(received[0]?.url).toBe('/v1/responses?x=1');
    expect(received[0]?.headers['x-request-id']).toBe('request-1');
    expect(response.headers.get('x-request-id')).toBe('request-1');
    await vi.waitFor(() => expect(log).toHaveLength(1));
    expect(log[0]).toMatchObject({
      requestId: 'request-1',
      rule: 'POST /v1/responses',
      status: 200,
      refusal: undefined,
      attempts: 1,
      requestBytes: 17,
    });
  });

  it('keeps credentials and cookies of the client, and headers of the hop, from the service', async () => {
    const { send, received } = await startScene();
    await send('/v1/models', {
      headers: {
        cookie: 'session=secret',
        'x-api-key': 'key-of-the-client',
        'x-openai-agent-assertion': '1.forged',
        'chatgpt-account-id': 'account-2',
        chatgpt_account_id: 'account-2',
        'x-forwarded-for': '10.0.0.1',
        'x-http-method-override': 'DELETE',
        'openai-beta': 'responses=v1',
      },
    });
    const { headers = {} } = received[0] ?? {};
    expect(headers['authorization']).toMatch(/^AgentAssertion /);
    expect(headers['chatgpt-account-id']).toBe('account-1');
    expect(headers['openai-beta']).toBe('responses=v1');
    const names = [
      'cookie',
      'x-api-key',
      'x-openai-agent-assertion',
      'x-forwarded-for',
      'chatgpt_account_id',
    ];
    for (const name of [...names, 'x-http-method-override']) expect(headers).not.toHaveProperty(name);
  });

  it('replaces a task that is gone, and sends the request with its body again', async () => {
    const bodies: string[] = [];
    const { send, authority, agentRuntimeId, log } = await startScene(
      async (request, response, { taskId }) => {
        bodies.push(Buffer.concat(await request.toArray()).toString());
        response.end(taskId);
      },
    );
    const taskId = await (await send('/v1/responses', post('first'))).text();
    await authority.revokeAgentTask({ agentRuntimeId, taskId });
    const answer = await send('/v1/responses', post('second'));
    expect(answer.status).toBe(200);
    expect(await answer.text()).not.toBe(taskId);
    expect(bodies).toEqual(['first', 'second']);
    await vi.waitFor(() => expect(log[1]).toMatchObject({ status: 200, attempts: 2 }));
  });

  it('passes on the refusal of a revoked agent, and then answers without asking the service', async () => {
    const { send, authority, agentRuntimeId, received } = await startScene();
    await send('/v1/models');
    await authority.revokeAgentRuntime(agentRuntimeId);
    expect((await send('/v1/models')).status).toBe(403);
    const before = received.length;
    const refused = await send('/v1/models');
    expect([refused.status, (await refused.text()).includes('agent_runtime')]).toEqual([502, true]);
    expect(received.length).toBe(before);
  });

  it('streams both ways, and does not touch compressed bodies', async () => {
    const compressed = gzipSync('a long text '.repeat(1000));
    const { send } = await startScene(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    });
    const response = await send('/v1/responses', post(compressed, { 'content-encoding': 'gzip' }));
    expect(await response.text()).toBe('a long text '.repeat(1000));
  });

  it('passes on each event of a stream when it comes', async () => {
    const next = deferred();
    const { send } = await startScene(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      await next.promise;
      response.end('data: 2\n\n');
    });
    const response = await send('/v1/responses', post('{}'));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('data: 1\n\n');
    next.resolve();
    expect((await reader?.read())?.value).toBe('data: 2\n\n');
  });

  it('ends the request to the service when the client leaves', async () => {
    const left = deferred();
    const { send } = await startScene((_request, response) => {
      response.write('begun');
      response.once('close', () => left.resolve());
    });
    const client = new AbortController();
    const response = await send('/v1/responses', { ...post('{}'), signal: client.signal });
    expect(response.status).toBe(200);
    client.abort();
    await left.promise;
  });

  it('cuts the response off where the service did', async () => {
    const { send } = await startScene((_request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half');
      setImmediate(() => response.destroy());
    });
    const response = await send('/v1/responses', post('{}'));
    await expect(response.text()).rejects.toThrow();
  });

  it('connects WebSockets, and closes them when their task is replaced', async () => {
    const { broker, send, authority, agentRuntimeId } = await startScene((_request, response, { taskId }) =>
      response.end(taskId),
    );
    const headers = { authorization: `Bearer ${broker.accessToken}` };
    const webSocket = new WebSocket(`${broker.baseUrl}/responses`.replace('http', 'ws'), { headers });
    const [taskId] = await once(webSocket, 'message');
    webSocket.send('echo');
    expect(String((await once(webSocket, 'message'))[0])).toBe('echo');
    const closed = once(webSocket, 'close');
    await authority.revokeAgentTask({ agentRuntimeId, taskId: String(taskId) });
    await send('/v1/models');
    await closed;
  });

  it('answers 502 for a service that is not there', async () => {
    const server = createServer();
    const origin = await listenOnLoopback(server);
    await new Promise((resolve) => server.close(resolve));
    const provider = defineProvider({ kind: 'no_auth', baseUrl: origin });
    const broker = await startBroker({
      auth: await loadAuth({ apiKey: 'sk-key' }),
      provider,
      allow: ['GET /x'],
    });
    onTestFinished(() => broker.close());
    const headers = { authorization: `Bearer ${broker.accessToken}` };
    expect(await refusalOf(await fetch(`${broker.baseUrl}/x`, { headers }))).toBe('502 upstream_unreachable');
  });

  it('leads redirects inside the service to itself', async () => {
    const { send, broker } = await startScene((request, response) =>
      response.writeHead(307, { location: `http://${request.headers.host}/v1/models` }).end(),
    );
    const response = await send('/v1/responses', post('{}'));
    expect([response.status, response.headers.get('location')]).toEqual([307, `${broker.baseUrl}/models`]);
  });

  it('ends requests at close that last longer than the limit', async () => {
    const { send, broker } = await startScene((_request, response) => response.write('begun'));
    const response = await send('/v1/responses', post('{}'));
    await broker.close({ timeoutSeconds: 0.01 });
    await expect(response.text()).rejects.toThrow();
    await expect(send('/v1/models')).rejects.toThrow();
  });

  it('shows no secret when it, its log or its description is printed', async () => {
    const { broker, send, log, received, agentPrivateKey } = await startScene();
    await send('/v1/models');
    const assertion = received[0]?.headers.authorization?.split(' ')[1] ?? '';
    expect(assertion).toMatch(/^eyJ/);
    expect(broker.describe()).toMatchObject({ credential: 'agent_assertion' });
    await vi.waitFor(() => expect(log).toHaveLength(1));
    for (const value of [broker, { ...broker }, broker.describe(), log]) {
      for (const secret of [`${broker.accessToken}`, agentPrivateKey, assertion]) {
        expect(printedForms(value)).not.toContain(secret);
      }
    }
  });
});
