import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import {
  type Authority,
  createAuthority,
  memoryStore,
  principalTokens,
  staticTokens,
} from 'agent-identity-authority-core';
import { readSshPublicKey } from 'agent-identity-core';
import { enrollAgent, startAgentIdentityAuth } from 'agent-identity-registry';
import { createSshAgentSigner } from 'agent-identity-registry/ssh-agent';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';
import { loadAuth, providerFetch } from 'provider-auth';
import { listenOnLoopback } from 'test-support';
import { startSshAgent } from 'test-support/ssh-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessToken, account } from './start-agent.js';

const verifierToken = 'token-of-a-service-that-verifies-requests';
const abom = { agent_version: '1.0.0', agent_harness_id: 'test', running_location: 'cli-linux' };

let agent: Awaited<ReturnType<typeof startSshAgent>>;

beforeAll(async () => {
  agent = await startSshAgent();
}, 60_000);
afterAll(() => agent.stop());

/** An authority, a service that asks it, and a signer whose key only the ssh-agent has. */
async function scene(comment: string, sealTaskIds = false) {
  const authority: Authority = await createAuthority({
    store: memoryStore(),
    authenticator: staticTokens([{ token: accessToken, account }]),
    verifiers: principalTokens([{ token: verifierToken, name: 'models.example.test' }]),
    sealTaskIds,
  });
  const authapiBaseUrl = await listenOnLoopback(
    createServer(getRequestListener((request) => authority.fetch(request))),
  );
  const verifier = createAssertionVerifier({
    directory: remoteDirectory({ baseUrl: authapiBaseUrl, accessToken: verifierToken }),
  });
  const baseUrl = await listenOnLoopback(
    createServer(async (request, response) => {
      const { authorization, 'chatgpt-account-id': accountId } = request.headers;
      const verified = await verifier.verify(authorization, { accountId: String(accountId) }).then(
        () => 200,
        () => 401,
      );
      response.writeHead(verified).end();
    }),
  );
  const { line } = await agent.addKey(comment);
  const signer = createSshAgentSigner({ socketPath: agent.socketPath, publicKey: readSshPublicKey(line) });
  const record = await enrollAgent({ authapiBaseUrl, accessToken, abom, signer });
  return { authority, authapiBaseUrl, baseUrl, signer, record };
}

describe('an agent whose key only an ssh-agent has', () => {
  it('enrolls, registers its task, and sends requests that a verifier accepts', async () => {
    const { authapiBaseUrl, baseUrl, signer, record } = await scene('end to end');
    expect(JSON.stringify(record)).not.toContain('private');
    const auth = await startAgentIdentityAuth(record, { authapiBaseUrl, signer });
    expect((await fetch(baseUrl, { headers: await auth.headers() })).status).toBe(200);

    const session = await loadAuth({ record, signer, authapiBaseUrl });
    const send = providerFetch(session, { kind: 'first_party', baseUrl });
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await send(baseUrl)).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('has an outage while the agent is locked, and is not revoked by it', async () => {
    const { authapiBaseUrl, baseUrl, signer, record } = await scene('locked for a while');
    let now = Date.now();
    const session = await loadAuth({ record, signer, authapiBaseUrl }, { clock: () => now });
    const send = providerFetch(session, { kind: 'first_party', baseUrl });
    expect((await send(baseUrl)).status).toBe(200);
    await agent.lock();
    now += 1000;
    await expect(send(baseUrl)).rejects.toMatchObject({ code: 'signer_unavailable', retryable: true });
    await agent.unlock();
    expect((await send(baseUrl)).status).toBe(200);
  });

  it('is refused once the authority revokes it', async () => {
    const { authority, authapiBaseUrl, baseUrl, signer, record } = await scene('revoked');
    const auth = await startAgentIdentityAuth(record, { authapiBaseUrl, signer });
    await authority.revokeAgentRuntime(record.agent_runtime_id);
    expect((await fetch(baseUrl, { headers: await auth.headers() })).status).toBe(401);
    await expect(startAgentIdentityAuth(record, { authapiBaseUrl, signer })).rejects.toMatchObject({
      code: 'agent_runtime_deleted',
    });
  });

  it('needs an authority that does not seal its task ids', async () => {
    const { authapiBaseUrl, signer, record } = await scene('sealed', true);
    await expect(startAgentIdentityAuth(record, { authapiBaseUrl, signer })).rejects.toMatchObject({
      code: 'sealed_task_id_needs_key',
      retryable: false,
    });
  });
});
