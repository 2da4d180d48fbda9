import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import {
  type Authority,
  createAuthority,
  memoryStore,
  principalTokens,
  staticTokens,
} from 'agent-identity-authority-core';
import type { AgentIdentityAuth } from 'agent-identity-registry';
import { type AssertionVerifier, createAssertionVerifier } from 'agent-identity-verifier';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';
import { listenOnLoopback } from 'test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { accessToken, account, startAgent } from './start-agent.js';

const verifierToken = 'token-of-a-service-that-verifies-requests';
const { accountId } = account;

/** The client asks for it by default. */
const capabilities = ['responsesapi'];

let now: number;
let authority: Authority;
let auth: AgentIdentityAuth;
let verifier: AssertionVerifier;
let closeAuthority: () => void;

/** An authority on loopback, an agent that is registered there, and a service that uses the authority over HTTP. */
beforeEach(async () => {
  now = Date.parse('2026-11-22T12:00:00Z');
  const clock = () => now;
  authority = await createAuthority(
    {
      store: memoryStore(),
      authenticator: staticTokens([{ token: accessToken, account: { ...account, capabilities } }]),
      verifiers: principalTokens([{ token: verifierToken, name: 'models.example.test' }]),
    },
    { clock },
  );
  const server = createServer(getRequestListener((request) => authority.fetch(request)));
  const baseUrl = await listenOnLoopback(server);
  closeAuthority = () => {
    server.closeAllConnections();
    server.close();
  };
  auth = await startAgent(baseUrl, clock);
  verifier = createAssertionVerifier(
    { directory: remoteDirectory({ baseUrl, accessToken: verifierToken }, { monotonicClock: clock }) },
    { clock },
  );
});

const verify = () => verifier.verify(auth.authorizationHeader(), { accountId });

describe('a service that asks the authority over HTTP', () => {
  it('knows the agent, its task, its account and what it may do', async () => {
    expect(await verify()).toEqual({
      generation: 1,
      agentRuntimeId: auth.record.agent_runtime_id,
      taskId: auth.runTaskId,
      accountId,
      capabilities,
      labels: {},
      lineage: [],
      planType: account.planType,
      abom: { agent_version: '1.0.0', agent_harness_id: 'test', running_location: 'cli-linux' },
      signedAt: '2026-11-22T12:00:00Z',
    });
  });

  it('sees a revoked runtime within 5 seconds', async () => {
    await verify();
    await authority.revokeAgentRuntime(auth.record.agent_runtime_id);
    now += 5000;
    await expect(verify()).rejects.toMatchObject({ code: 'agent_runtime_revoked' });
  });

  it('sees a revoked task within 5 seconds', async () => {
    await verify();
    await authority.revokeAgentTask({ agentRuntimeId: auth.record.agent_runtime_id, taskId: auth.runTaskId });
    now += 5000;
    await expect(verify()).rejects.toMatchObject({ code: 'invalid_task_id' });
  });

  it('reports an outage of the authority as retryable and never as a refusal', async () => {
    await verify();
    closeAuthority();
    now += 5000;
    await expect(verify()).rejects.toMatchObject({ code: 'directory_unavailable', retryable: true });
  });
});
