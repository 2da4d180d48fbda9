import { createServer, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { enrollAgent } from 'agent-identity-registry';
import { defineProvider, loadAuth, resolveProviderAuth } from 'provider-auth';
import { listenOnLoopback } from 'test-support';
import { describe, expect, it } from 'vitest';
import { createGateway } from '../examples/gateway.js';
import { account, type Handler, startScene } from './support/start-scene.js';

/** A gateway that signs as two agents of a real authority for a service that verifies them. */
async function scene(handler?: Handler) {
  const { authority, authapiBaseUrl, serviceUrl, received } = await startScene(handler);
  const abom = { agent_version: '1', agent_harness_id: 'gateway', running_location: 'test' };
  const agents = [];
  const ids: string[] = [];
  for (let i = 0; i < 2; i += 1) {
    const { token } = await authority.createEnrollmentToken({ account });
    const record = await enrollAgent({ authapiBaseUrl, accessToken: token, abom });
    ids.push(record.agent_runtime_id);
    const provider = defineProvider({ kind: 'first_party', baseUrl: serviceUrl });
    agents.push(await resolveProviderAuth({ auth: await loadAuth({ record, authapiBaseUrl }), provider }));
  }
  const url = await listenOnLoopback(createServer(createGateway(agents, new URL(serviceUrl).origin)));
  const ask = async (path = '/v1/models') => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  return { authority, ids, url, received, ask };
}

describe('examples/gateway.ts', () => {
  it('signs as one agent after the other', async () => {
    const { ids, ask } = await scene();
    const answers = [await ask(), await ask(), await ask()];
    expect(answers.map(({ body }) => body['agentRuntimeId'])).toEqual([ids[0], ids[1], ids[0]]);
  });

  it('drops an agent that was revoked, and goes on with the other until it is revoked too', async () => {
    const { authority, ids, ask } = await scene();
    await authority.revokeAgentRuntime(ids[0] ?? '');
    expect(await ask()).toMatchObject({
      status: 503,
      body: { error: { message: expect.stringContaining('revoked') } },
    });
    for (let i = 0; i < 3; i += 1) {
      expect(await ask()).toMatchObject({ status: 200, body: { agentRuntimeId: ids[1] } });
    }
    await authority.revokeAgentRuntime(ids[1] ?? '');
    expect((await ask()).status).toBe(503);
    expect(await ask()).toMatchObject({ status: 503, body: { error: { message: 'no agent is active' } } });
  });

  it('passes on neither credentials nor headers of the connection', async () => {
    const { url, received } = await scene();
    await new Promise((resolve, reject) => {
      const headers = {
        ...{ authorization: 'Bearer of-the-client', cookie: 'session=1', 'x-api-key': 'k', 'x-kept': 'yes' },
        ...{
          connection: 'keep-alive, x-hop',
          'x-hop': '1',
          te: 'trailers',
          'chatgpt-account-id': 'account-2',
        },
      };
      request(`${url}/v1/models`, { headers }, (response) => text(response).then(resolve))
        .on('error', reject)
        .end();
    });
    const { headers } = received[0] as IncomingMessage;
    expect(headers).toMatchObject({ 'x-kept': 'yes', 'chatgpt-account-id': 'account-1' });
    expect(headers.authorization).toMatch(/^AgentAssertion /);
    for (const name of ['cookie', 'x-api-key', 'x-hop', 'te']) expect(headers).not.toHaveProperty(name);
  });

  it.each([
    ['http://192.0.2.1/v1/models', 400],
    ['//192.0.2.1/v1/models', 400],
    ['/other', 404],
    ['/v1/../other', 404],
  ])('sends nothing for %s', async (target, status) => {
    const { url, received } = await scene();
    const { port } = new URL(url);
    const got = await new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: target }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end();
    });
    expect(got).toBe(status);
    expect(received).toEqual([]);
  });

  it('streams bodies both ways', async () => {
    // Answers each part of the body as it comes.
    const { url } = await scene((incoming, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      incoming.on('data', (part) => response.write(`data: ${part}\n\n`)).on('end', () => response.end());
    });
    const parts: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const sent = request(`${url}/v1/responses`, { method: 'POST' }, (response) => {
        response.setEncoding('utf8').on('data', (part: string) => {
          parts.push(part);
          if (parts.length < 3) sent.write(`part ${parts.length + 1}`);
          else sent.end();
        });
        response.on('end', resolve);
      });
      sent.on('error', reject);
      sent.write('part 1');
    });
    expect(parts).toEqual(['data: part 1\n\n', 'data: part 2\n\n', 'data: part 3\n\n']);
  });

  it('answers with 502 while the service is away', async () => {
    const { authority, ask } = await scene((incoming) => incoming.socket.destroy());
    expect((await ask()).status).toBe(502);
    await authority.close();
  });
});
