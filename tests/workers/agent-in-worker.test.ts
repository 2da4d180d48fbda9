import { expect, it } from 'vitest';
import { startWorker } from './start-worker.js';

const accountId = 'account-1';

const authorityWorker = `
import { createAuthority, memoryStore, principalTokens, staticTokens } from 'agent-identity-authority-core';

const account = { accountId: '${accountId}', chatgptUserId: 'user-1', planType: 'business', isFedramp: false };
let authority;

export default {
  async fetch(request) {
    authority ??= createAuthority({
      store: memoryStore(),
      authenticator: staticTokens([{ token: 'access-token-of-an-account', account }]),
      verifiers: principalTokens([{ token: 'token-of-a-service-that-verifies', name: 'models.example.test' }]),
    });
    const running = await authority;
    if (new URL(request.url).pathname !== '/issue') return running.fetch(request);
    const { jwt, agentRuntimeId } = await running.issueAgentIdentityJwt({ account });
    return Response.json({ jwt, agentRuntimeId });
  },
};`;

const serviceWorker = (authorityUrl: string) => `
import { createAssertionVerifier, verificationFailureResponse } from 'agent-identity-verifier';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';

let verifier;

export default {
  async fetch(request) {
    verifier ??= createAssertionVerifier({
      directory: remoteDirectory({ baseUrl: '${authorityUrl}', accessToken: 'token-of-a-service-that-verifies' }),
    });
    try {
      const accountId = request.headers.get('chatgpt-account-id');
      return Response.json(await verifier.verify(request.headers.get('authorization'), { accountId }));
    } catch (error) {
      const { status, headers, body } = verificationFailureResponse(error);
      return Response.json(body, { status, headers });
    }
  },
};`;

const agentWorker = `
import { defineProvider, loadAuth, providerFetch, resolveProviderAuth } from 'provider-auth';

let sending;

async function startRun({ jwt, authorityUrl, serviceUrl }) {
  const auth = await loadAuth({ jwt, jwtBaseUrl: authorityUrl, authapiBaseUrl: authorityUrl });
  const provider = defineProvider({ kind: 'first_party', baseUrl: serviceUrl });
  return providerFetch(await resolveProviderAuth({ auth, provider }));
}

export default {
  async fetch(request) {
    const run = await request.json();
    sending ??= startRun(run);
    return (await sending)(run.serviceUrl + '/responses');
  },
};`;

it('an agent in a Worker signs requests that a service in a Worker verifies with an authority in a Worker', async () => {
  const authorityUrl = await startWorker(authorityWorker, 'with Node.js modules');
  const serviceUrl = await startWorker(serviceWorker(authorityUrl), 'without Node.js modules');
  const agentUrl = await startWorker(agentWorker, 'without Node.js modules');
  const { jwt, agentRuntimeId } = (await (await fetch(`${authorityUrl}/issue`)).json()) as Issued;
  const body = JSON.stringify({ jwt, authorityUrl, serviceUrl });
  const verified = {
    generation: 1,
    agentRuntimeId,
    accountId,
    capabilities: [],
    labels: {},
    planType: 'business',
    lineage: [],
    taskId: expect.any(String),
    signedAt: expect.any(String),
  };
  const send = async () => {
    const response = await fetch(agentUrl, { method: 'POST', body });
    return { status: response.status, body: await response.json() };
  };
  expect(await Promise.all([send(), send(), send()])).toEqual(Array(3).fill({ status: 200, body: verified }));
  expect(await send()).toEqual({ status: 200, body: verified });
});

interface Issued {
  readonly jwt: string;
  readonly agentRuntimeId: string;
}
