import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseInstanceAssertion } from 'agent-identity-core';
import { defineProvider, loadAuth, resolveProviderAuth } from 'provider-auth';
import { deferred, printedForms, readHead, responsesApi, thrownBy } from 'test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import * as openaiSdk from '../../examples/openai-sdk.js';
import { assertionOnlyClient, dualHeaderClient } from '../../examples/openai-sdk-instances.js';
import { keepConnected } from '../../examples/websocket.js';
import {
  assertionOf,
  type InstanceServers,
  instanceOf,
  instanceServers,
  refusal,
} from '../support/instance-servers.js';
import { stillEffects } from '../support/start-run.js';

/** Servers whose clock is that of the process: the examples bring no clock. */
async function serversOfNow(): Promise<InstanceServers> {
  const servers = await instanceServers();
  servers.state.serverNow = Date.now();
  servers.state.answerRequest = responsesApi;
  return servers;
}

describe.each([
  ['dual_header', dualHeaderClient],
  ['assertion_only', assertionOnlyClient],
] as const)('examples/openai-sdk-instances.ts in the mode %s', (mode, createClient) => {
  it('streams, calls tools and compacts with one instance, and signs each request and retry', async () => {
    const servers = await serversOfNow();
    const client = await createClient('sk-of-example', servers.provider.baseUrl, servers.options());
    expect(await openaiSdk.streamAnswer(client, 'hello')).toEqual(['you ', 'said ', 'hello']);
    expect(await openaiSdk.answerWithTool(client, 'what is 2 + 3?')).toBe('the sum is 5');
    const before = servers.provider.requests.length;
    servers.state.answerRequest = (each, response) =>
      servers.provider.requests.length === before + 1
        ? { status: 503, headers: { 'retry-after-ms': '1' } }
        : responsesApi(each, response);
    expect(await openaiSdk.compactConversation(client, 'hello')).toEqual(['compaction']);
    const { requests } = servers.provider;
    expect(new Set(requests.map((each) => parseInstanceAssertion(assertionOf(each)).id)).size).toBe(5);
    expect(new Set(requests.map(instanceOf))).toEqual(new Set(['instance-1']));
    const isDual = mode === 'dual_header';
    expect(requests.map(({ headers }) => headers['authorization'] === 'Bearer sk-of-example')).toEqual(
      Array.from({ length: 5 }, () => isDual),
    );
    expect(servers.registry.requests).toHaveLength(1);
  });

  it('shows the SDK the refusal of a revoked instance, and then fails without a request', async () => {
    const servers = await serversOfNow();
    const created = await createClient('sk-of-example', servers.provider.baseUrl, servers.options());
    const client = created.withOptions({ maxRetries: 0 });
    servers.state.refused.set('instance-1', { status: 403, code: 'runtime_instance_revoked' });
    const ask = () => openaiSdk.compactConversation(client, 'hello').catch((error: unknown) => error);
    expect(await ask()).toMatchObject({ status: 403, code: 'runtime_instance_revoked' });
    expect(await ask()).toMatchObject({ cause: { code: 'runtime_instance_revoked' } });
    expect(servers.provider.requests).toHaveLength(1);
  });
});

/** A resolved provider, with a WebSocket at its base URL that judges each handshake. */
async function webSocketWorld() {
  const servers = await instanceServers();
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const handshakes: string[] = [];
  server.on('upgrade', (incoming, socket, head) => {
    const handshake = { ...readHead(incoming), body: '' };
    handshakes.push(assertionOf(handshake));
    const refused = servers.judge(handshake);
    if (refused === undefined)
      return sockets.handleUpgrade(incoming, socket, head, (each) => each.send('hello'));
    const body = JSON.stringify(refused.body);
    const length = `content-length: ${body.length}\r\nconnection: close`;
    socket.end(`HTTP/1.1 ${refused.status} No\r\n${length}\r\n\r\n${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const client of sockets.clients) client.terminate();
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const runtimeAgentInstances = servers.options({ mode: 'assertion_only' });
  const auth = await loadAuth({ apiKey: 'sk-websocket', runtimeAgentInstances }, stillEffects);
  const provider = defineProvider({ kind: 'first_party', baseUrl: `http://${host}/v1` });
  const resolved = await resolveProviderAuth({ auth, provider });
  return { servers, resolved, handshakes, url: `ws://${host}/v1/responses` };
}

describe('a WebSocket handshake', () => {
  it('carries an assertion of its own, each time', async () => {
    const { resolved, url, handshakes, servers } = await webSocketWorld();
    for (let count = 0; count < 2; count += 1) {
      const opened = deferred<void>();
      const connection = keepConnected(resolved, url, {
        onOpen: (socket) => void socket.once('message', () => opened.resolve()),
        onError: (error) => expect.unreachable(String(error)),
      });
      await opened.promise;
      connection.close();
      await connection.done;
    }
    expect(new Set(handshakes.map((each) => parseInstanceAssertion(each).id)).size).toBe(2);
    expect(servers.registry.requests).toHaveLength(1);
  });

  it('that is refused as revoked ends the instance, and no other one follows', async () => {
    const { resolved, url, handshakes, servers } = await webSocketWorld();
    servers.state.refused.set('instance-1', { status: 401, code: 'runtime_instance_revoked' });
    const failed = deferred<unknown>();
    keepConnected(resolved, url, { onOpen: () => expect.unreachable(), onError: failed.resolve });
    expect(String(await failed.promise)).toContain('401');
    expect(() => resolved.webSocketHeaders(url)).toThrow(
      expect.objectContaining({ code: 'runtime_instance_revoked' }),
    );
    expect(thrownBy(() => resolved.headers()).code).toBe('runtime_instance_revoked');
    expect((await thrownBy(() => resolved.prepare())).code).toBe('runtime_instance_revoked');
    expect(handshakes).toHaveLength(1);
    expect(servers.registry.requests).toHaveLength(1);
  });

  it('is closed by a frame that says that the instance is revoked', async () => {
    const { resolved, url } = await webSocketWorld();
    const { closeSignal, afterResponse } = resolved.webSocketHeaders(url);
    const frame = { type: 'error', ...refusal(401, 'runtime_instance_revoked') };
    expect(await afterResponse({ status: 401, body: () => frame.body })).toBeUndefined();
    expect(closeSignal.aborted).toBe(true);
    expect(closeSignal.reason).toMatchObject({ code: 'runtime_instance_revoked' });
  });
});

it('a resolved provider tells its instance and prints no secret', async () => {
  const { resolved, url } = await webSocketWorld();
  const actingInstance = {
    generation: 2,
    runtimeAgentInstanceId: 'instance-1',
    agentHostId: 'host-1',
    actorKind: 'platform',
  };
  expect(resolved.actingInstance).toEqual(actingInstance);
  expect(resolved.actingAgent).toBeUndefined();
  expect(resolved.describe()).toMatchObject({ credential: 'instance_assertion', actingInstance });
  expect(printedForms(resolved)).not.toContain('sk-websocket');
  expect(Object.keys(resolved.credentialsFor('https://models.example.com').headers)).toEqual([]);
  expect(Object.keys(resolved.credentialsFor(url).headers)).toEqual(['Authorization']);
});
