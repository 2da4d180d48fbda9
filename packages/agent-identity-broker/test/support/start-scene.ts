import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { type Authority, createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import {
  type Broker,
  type BrokerLogEntry,
  type StartBrokerOptions,
  startBroker,
} from 'agent-identity-broker';
import { generateAgentKey } from 'agent-identity-core';
import { createAgentIdentityRecord, registerAgentRuntime } from 'agent-identity-registry';
import { createAssertionVerifier, type VerifiedAgentRuntime } from 'agent-identity-verifier';
import { requireAgent, requireAgentOnUpgrade } from 'agent-identity-verifier/node';
import { defineProvider, loadAuth } from 'provider-auth';
import { listenOnLoopback } from 'test-support';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';

export const accessToken = 'access-token-of-an-account';
export const account = {
  accountId: 'account-1',
  chatgptUserId: 'user-1',
  planType: 'business',
  isFedramp: false,
};

/** A request that reached the service, with its verified agent. */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  agent: VerifiedAgentRuntime,
) => unknown;

/** An agent of a real authority, a service that verifies it, and a broker between a client and the service. */
export interface Scene {
  readonly authority: Authority;
  readonly authapiBaseUrl: string;
  readonly agentRuntimeId: string;
  readonly agentPrivateKey: string;
  readonly broker: Broker;
  /** The base URL of the service. */
  readonly serviceUrl: string;
  /** What the broker has logged. */
  readonly log: readonly BrokerLogEntry[];
  /** Every request that the service got, verified or not. */
  readonly received: readonly IncomingMessage[];
  /** Sends a request through the broker, with its access token. */
  send(path: string, init?: RequestInit): Promise<Response>;
}

const sayAgent: Handler = (_request, response, { agentRuntimeId, taskId }) =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ agentRuntimeId, taskId }));

export async function startScene(
  handler: Handler = sayAgent,
  options: Partial<StartBrokerOptions> = {},
): Promise<Scene> {
  const authority = await createAuthority({
    store: memoryStore(),
    authenticator: staticTokens([{ token: accessToken, account }]),
  });
  const authapiBaseUrl = await listenOnLoopback(createAdaptorServer({ fetch: authority.fetch }) as never);
  const agentKey = generateAgentKey();
  const abom = { agent_version: '1.0.0', agent_harness_id: 'test', running_location: 'cli-linux' };
  const { publicKey } = agentKey;
  const registration = { authapiBaseUrl, accessToken, isFedramp: false, publicKey, abom };
  const agentRuntimeId = await registerAgentRuntime(registration);
  const record = createAgentIdentityRecord({ agentRuntimeId, agentKey, account });
  const received: IncomingMessage[] = [];
  const origin = await startService(authority, handler, received);
  const log: BrokerLogEntry[] = [];
  const broker = await startBroker({
    auth: await loadAuth({ record, authapiBaseUrl }),
    provider: defineProvider({ kind: 'first_party', baseUrl: `${origin}/v1` }),
    allow: ['POST /v1/responses', 'GET /v1/models', 'WEBSOCKET /v1/responses'],
    onRequest: (entry) => log.push(entry),
    ...options,
  });
  onTestFinished(async () => {
    await broker.close({ timeoutSeconds: 0.001 });
    await authority.close();
  });
  const send: Scene['send'] = (path, init = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${broker.accessToken}`);
    return fetch(new URL(path, broker.baseUrl), { redirect: 'manual', ...init, headers });
  };
  const agentPrivateKey = agentKey.toPkcs8Base64();
  return {
    authority,
    authapiBaseUrl,
    agentRuntimeId,
    agentPrivateKey,
    broker,
    serviceUrl: `${origin}/v1`,
    log,
    received,
    send,
  };
}

async function startService(
  authority: Authority,
  handler: Handler,
  received: IncomingMessage[],
): Promise<string> {
  const verifier = createAssertionVerifier({ directory: authority.directory });
  const guarded = requireAgent(verifier, handler);
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => {
    received.push(request);
    return guarded(request, response);
  });
  const accept = requireAgentOnUpgrade(verifier, (request, socket, head, { taskId }) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.send(taskId);
      webSocket.on('message', (message, isBinary) => webSocket.send(message, { binary: isBinary }));
    });
  });
  server.on('upgrade', (request, socket, head) => {
    received.push(request);
    return accept(request, socket, head);
  });
  return listenOnLoopback(server);
}
