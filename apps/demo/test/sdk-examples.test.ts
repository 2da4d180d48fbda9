import { agentIdentityJwksUrl } from 'agent-identity-jwt';
import { defineProvider, loadAuth, resolveProviderAuth } from 'provider-auth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// @boundaries-ignore these examples run against the real provider here, and against a recording one in their package
import * as openaiSdk from '../../../packages/provider-auth/examples/openai-sdk.js';
// @boundaries-ignore likewise
import * as aiSdk from '../../../packages/provider-auth/examples/vercel-ai-sdk.js';
import { demoAccount, type LoopbackServers, openLoopbackServers } from '../dist/servers/loopback-servers.js';

let servers: LoopbackServers;
beforeAll(async () => {
  servers = await openLoopbackServers();
});
afterAll(() => servers.close());

/** Issues an identity as a JWT, starts a run with it, and returns its auth, its credentials and the provider's URL. */
async function startRun() {
  const { jwt } = await servers.authority.issueAgentIdentityJwt({ account: demoAccount });
  const { authorityUrl, providerUrl } = servers;
  const auth = await loadAuth({ jwt, jwtBaseUrl: authorityUrl, authapiBaseUrl: authorityUrl });
  const provider = defineProvider({ kind: 'first_party', baseUrl: providerUrl });
  const resolved = await resolveProviderAuth({ auth, provider });
  return { auth, resolved, baseUrl: provider.baseUrl };
}

it('the demo serves its JWKS at the URL that clients derive', async () => {
  expect((await fetch(agentIdentityJwksUrl(servers.authorityUrl))).status).toBe(200);
});

describe('the openai SDK against the demo’s provider', () => {
  it('streams', async () => {
    const { auth, resolved, baseUrl } = await startRun();
    const pieces = await openaiSdk.streamAnswer(openaiSdk.openaiClient(auth, baseUrl), 'hello there');
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(`Under ${resolved.actingAgent?.taskId} you said: hello there`);
  });

  it('calls a tool', async () => {
    const { auth, baseUrl } = await startRun();
    const client = openaiSdk.openaiClient(auth, baseUrl);
    expect(await openaiSdk.answerWithTool(client, 'What is 20 + 22?')).toBe('The tool says 42.');
  });

  it('compacts', async () => {
    const { auth, baseUrl } = await startRun();
    const client = openaiSdk.openaiClient(auth, baseUrl);
    expect(await openaiSdk.compactConversation(client, 'a long one')).toEqual(['compaction']);
  });

  it('continues after the task was ended', async () => {
    const { auth, resolved, baseUrl } = await startRun();
    const { agentRuntimeId = '', taskId = '' } = resolved.actingAgent ?? {};
    await servers.authority.revokeAgentTask({ agentRuntimeId, taskId });
    const pieces = await openaiSdk.streamAnswer(openaiSdk.openaiClient(auth, baseUrl), 'still there?');
    expect(resolved.actingAgent?.taskId).not.toBe(taskId);
    expect(pieces.join('')).toBe(`Under ${resolved.actingAgent?.taskId} you said: still there?`);
  });
});

describe('the Vercel AI SDK against the demo’s provider', () => {
  it('streams', async () => {
    const { auth, resolved, baseUrl } = await startRun();
    const pieces = await aiSdk.streamAnswer(aiSdk.aiSdkProvider(auth, baseUrl), 'hello there');
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(`Under ${resolved.actingAgent?.taskId} you said: hello there`);
  });

  it('calls a tool', async () => {
    const { auth, baseUrl } = await startRun();
    const provider = aiSdk.aiSdkProvider(auth, baseUrl);
    expect(await aiSdk.answerWithTool(provider, 'What is 20 + 22?')).toBe('The tool says 42.');
  });

  it('compacts', async () => {
    const { auth, baseUrl } = await startRun();
    expect(await aiSdk.compactConversation(auth, baseUrl, 'a long one')).toEqual(['compaction']);
  });
});
