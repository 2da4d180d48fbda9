import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateAgentKey } from 'agent-identity-core';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { loadAuth } from 'provider-auth';
import { accountId, agentRuntimeId } from './agent.js';
import { type Measurement, median } from './measure.js';

const rounds = 30;
const answerAfterMilliseconds = 10;

/** Compares the start of a run from a JWT, which asks for the key set and registers a task, to two requests to the same server, one after the other. */
export async function measureRunStart(): Promise<Measurement[]> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }],
  });
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    const body = request.method === 'GET' ? keys : '{"task_id":"task-1"}';
    setTimeout(() => response.end(body), answerAfterMilliseconds);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const jwt = await new SignJWT({
    agent_runtime_id: agentRuntimeId,
    agent_private_key: generateAgentKey().toPkcs8Base64(),
    account_id: accountId,
    chatgpt_user_id: 'user-1',
    email: 'user@example.com',
    plan_type: 'business',
    chatgpt_account_is_fedramp: false,
  })
    .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
    .setIssuer('https://chatgpt.com/codex-backend/agent-identity')
    .setAudience('codex-app-server')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  const ask = async (init?: RequestInit) => (await fetch(`${origin}/any`, init)).text();
  const [trips, starts]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    const tripsStartedAt = performance.now();
    await ask();
    await ask({ method: 'POST', body: '{}' });
    const startStartedAt = performance.now();
    await loadAuth({ jwt, authapiBaseUrl: origin, chatgptBaseUrl: origin });
    // The first round warms up.
    if (round === 0) continue;
    trips.push((startStartedAt - tripsStartedAt) * 1e6);
    starts.push((performance.now() - startStartedAt) * 1e6);
  }
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return [
    { name: 'two requests, one after the other', nanoseconds: median(trips), ratio: 1 },
    { name: 'loadAuth from a JWT', nanoseconds: median(starts), ratio: median(trips) / median(starts) },
  ];
}
