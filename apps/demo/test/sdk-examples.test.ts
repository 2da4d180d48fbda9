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

/** Issues an identity as a JWT and resolves the credentials of the demo's provider from it. */
async function resolved() {
  const { jwt } = await servers.authority.issueAgentIdentityJwt({ account: demoAccount });
  const { authorityUrl, providerUrl } = servers;
  const auth = await loadAuth({ jwt, jwtBaseUrl: authorityUrl, authapiBaseUrl: authorityUrl });
  const provider = defineProvider({ kind: 'first_party', baseUrl: providerUrl });
  return resolveProviderAuth({ auth, provider });
}

it('the demo serves its JWKS at the URL that clients derive', async () => {
  expect((await fetch(agentIdentityJwksUrl(servers.authorityUrl))).status).toBe(200);
});

describe('the openai SDK against the demo’s provider', () => {
  it('streams', async () => {
    const auth = await resolved();
    const pieces = await openaiSdk.streamAnswer(openaiSdk.openaiClient(auth), 'hello there');
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(`Under ${auth.actingAgent?.taskId} you said: hello there`);
  });

  it('calls a tool', async () => {
    const client = openaiSdk.openaiClient(await resolved());
    expect(await openaiSdk.answerWithTool(client, 'What is 20 + 22?')).toBe('The tool says 42.');
  });

  it('compacts', async () => {
    const client = openaiSdk.openaiClient(await resolved());
    expect(await openaiSdk.compactConversation(client, 'a long one')).toEqual(['compaction']);
  });

  it('continues after the task was ended', async () => {
    const auth = await resolved();
    const { agentRuntimeId = '', taskId = '' } = auth.actingAgent ?? {};
    await servers.authority.revokeAgentTask({ agentRuntimeId, taskId });
    const pieces = await openaiSdk.streamAnswer(openaiSdk.openaiClient(auth), 'still there?');
    expect(auth.actingAgent?.taskId).not.toBe(taskId);
    expect(pieces.join('')).toBe(`Under ${auth.actingAgent?.taskId} you said: still there?`);
  });
});

describe('the Vercel AI SDK against the demo’s provider', () => {
  it('streams', async () => {
    const auth = await resolved();
    const pieces = await aiSdk.streamAnswer(aiSdk.aiSdkProvider(auth), 'hello there');
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(`Under ${auth.actingAgent?.taskId} you said: hello there`);
  });

  it('calls a tool', async () => {
    const provider = aiSdk.aiSdkProvider(await resolved());
    expect(await aiSdk.answerWithTool(provider, 'What is 20 + 22?')).toBe('The tool says 42.');
  });

  it('compacts', async () => {
    expect(await aiSdk.compactConversation(await resolved(), 'a long one')).toEqual(['compaction']);
  });
});
