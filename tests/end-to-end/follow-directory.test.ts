import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRequestListener } from '@hono/node-server';
import {
  type Authority,
  createAuthority,
  memoryStore,
  principalTokens,
  staticTokens,
} from 'agent-identity-authority-core';
import type { AgentIdentityAuth } from 'agent-identity-registry';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { type RemoteDirectory, remoteDirectory } from 'agent-identity-verifier/remote-directory';
import { listenOnLoopback } from 'test-support';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accessToken, account, startAgent } from './start-agent.js';

const verifierToken = 'token-of-a-service-that-verifies-requests';
const { accountId } = account;

let authority: Authority;
let server: Server;
let baseUrl: string;
let requests: string[];
let streams: IncomingMessage[];
let directory: RemoteDirectory;
const isRevoked = expect.objectContaining({ code: 'agent_runtime_revoked' });

/** An authority on loopback that counts look-ups and streams, and a directory that follows it. */
beforeEach(async () => {
  authority = await createAuthority({
    store: memoryStore(),
    authenticator: staticTokens([{ token: accessToken, account }]),
    verifiers: principalTokens([{ token: verifierToken, name: 'models.example.test' }]),
  });
  requests = [];
  streams = [];
  const listener = getRequestListener((request) => authority.fetch(request));
  server = createServer((request, response) => {
    const path = `${request.url}`;
    if (path.startsWith('/v1/directory/changes')) streams.push(request);
    else if (path.startsWith('/v1/directory/')) requests.push(path);
    return listener(request, response);
  });
  baseUrl = await listenOnLoopback(server);
  directory = follow();
});

afterEach(async () => {
  directory.close();
  await authority.close();
  server.closeAllConnections();
});

function follow(): RemoteDirectory {
  return remoteDirectory({
    baseUrl,
    accessToken: verifierToken,
    maxCacheSeconds: 0,
    follow: true,
    onFailure: () => {},
  });
}

/** Verifies until a verification needs no look-up: from then on the directory follows this agent. */
async function followed(verify: () => Promise<unknown>): Promise<void> {
  await vi.waitFor(async () => {
    const before = requests.length;
    await verify();
    expect(requests.length).toBe(before);
  });
}

describe('a directory that follows the changes of the authority', () => {
  it('looks up each agent once, however often it verifies', async () => {
    const verifier = createAssertionVerifier({ directory });
    const agents = await Promise.all(Array.from({ length: 20 }, () => startAgent(baseUrl)));
    const verify = () =>
      Promise.all(agents.map((auth) => verifier.verify(auth.authorizationHeader(), { accountId })));
    await followed(verify);
    const before = requests.length;
    for (let round = 0; round < 20; round += 1) await verify();
    expect(requests.length).toBe(before);
    expect(streams).toHaveLength(1);
  });

  it('learns of a suspension and of its end, and the session goes on with its task', async () => {
    const verifier = createAssertionVerifier({ directory });
    const session = await startAgent(baseUrl);
    const verify = () => verifier.verify(session.authorizationHeader(), { accountId });
    await followed(verify);
    const { agentRuntimeId, taskId } = await verify();
    await authority.suspendAgentRuntime(agentRuntimeId);
    await vi.waitFor(() => expect(verify()).rejects.toMatchObject({ code: 'agent_runtime_suspended' }));
    await authority.resumeAgentRuntime(agentRuntimeId);
    await vi.waitFor(async () => expect(await verify()).toMatchObject({ taskId }));
    await followed(verify);
  });

  it('learns of a revocation without asking', async () => {
    const verifier = createAssertionVerifier({ directory });
    const [revoked, other] = [await startAgent(baseUrl), await startAgent(baseUrl)];
    const verify = (auth: AgentIdentityAuth) => verifier.verify(auth.authorizationHeader(), { accountId });
    await followed(() => Promise.all([verify(revoked), verify(other)]));
    await authority.revokeAgentRuntime(revoked.record.agent_runtime_id);
    await vi.waitFor(() => expect(verify(revoked)).rejects.toEqual(isRevoked));
    const before = requests.length;
    await verify(other);
    expect(requests.length).toBe(before);
  });

  it('is told what it missed while it was not connected', async () => {
    const verifier = createAssertionVerifier({ directory });
    const auth = await startAgent(baseUrl);
    const verify = () => verifier.verify(auth.authorizationHeader(), { accountId });
    await followed(verify);
    streams[0]?.socket.destroy();
    await authority.revokeAgentRuntime(auth.record.agent_runtime_id);
    await vi.waitFor(() => expect(verify()).rejects.toEqual(isRevoked), { timeout: 5000 });
    await vi.waitFor(() => expect(streams).toHaveLength(2));
    expect(streams[1]?.url).toMatch(/\?after=\d+$/);
  });

  it('asks again while the stream is silent, and never refuses for an outage', async () => {
    const verifier = createAssertionVerifier({ directory, onFailure: () => {} });
    const auth = await startAgent(baseUrl);
    const verify = () => verifier.verify(auth.authorizationHeader(), { accountId });
    await followed(verify);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await vi.waitFor(
      () => expect(verify()).rejects.toEqual(expect.objectContaining({ code: 'directory_unavailable' })),
      { timeout: 5000 },
    );
  });

  it('stops at close', async () => {
    const verifier = createAssertionVerifier({ directory });
    const auth = await startAgent(baseUrl);
    const verify = () => verifier.verify(auth.authorizationHeader(), { accountId });
    await followed(verify);
    const closed = new Promise((resolve) => streams[0]?.once('close', resolve));
    directory.close();
    await closed;
    const before = requests.length;
    await verify();
    expect(requests.length).toBe(before + 2);
    await sleep(0);
    expect(streams).toHaveLength(1);
  });
});
