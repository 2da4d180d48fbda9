import { agentIdentityJwksUrl } from 'agent-identity-jwt';
import { defineProvider, loadAuth, resolveProviderAuth } from 'provider-auth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// @boundaries-ignore the examples are run against the real provider here, and against a recording one where they live
import * as openaiSdk from '../../../packages/provider-auth/examples/openai-sdk.js';
// @boundaries-ignore likewise
import * as aiSdk from '../../../packages/provider-auth/examples/vercel-ai-sdk.js';
import { demoAccount, type LoopbackWorld, openLoopbackWorld } from '../dist/servers/loopback-world.js';

let world: LoopbackWorld;
beforeAll(async () => {
  world = await openLoopbackWorld();
});
afterAll(() => world.close());

/** An identity as a JWT, from there to the credentials of the demo's provider. */
async function resolved() {
  const { jwt } = await world.authority.issueAgentIdentityJwt({ account: demoAccount });
  const { authorityUrl, providerUrl } = world;
  const auth = await loadAuth({ jwt, jwtBaseUrl: authorityUrl, authapiBaseUrl: authorityUrl });
  const provider = defineProvider({ kind: 'first_party', baseUrl: providerUrl });
  return resolveProviderAuth({ auth, provider });
}

test('the JWKS of the demo is where a client looks for it', async () => {
  expect((await fetch(agentIdentityJwksUrl(world.authorityUrl))).status).toBe(200);
});

describe('the openai SDK against the demo’s provider', () => {
  test('streams', async () => {
    const auth = await resolved();
    const pieces = await openaiSdk.streamAnswer(openaiSdk.openaiClient(auth), 'hello there');
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(`Under ${auth.actingAgent?.taskId} you said: hello there`);
  });

  test('calls a tool', async () => {
    const client = openaiSdk.openaiClient(await resolved());
    expect(await openaiSdk.answerWithTool(client, 'What is 20 + 22?')).toBe('The tool says 42.');
  });

  test('compacts', async () => {
    const client = openaiSdk.openaiClient(await resolved());
    expect(await openaiSdk.compactConversation(client, 'a long one')).toEqual(['compaction']);
  });

  test('goes on when the task was ended', async () => {
    const auth = await resolved();
    const { agentRuntimeId = '', taskId = '' } = auth.actingAgent ?? {};
    await world.authority.revokeAgentTask({ agentRuntimeId, taskId });
    const pieces = await openaiSdk.streamAnswer(openaiSdk.openaiClient(auth), 'still there?');
    expect(auth.actingAgent?.taskId).not.toBe(taskId);
    expect(pieces.join('')).toBe(`Under ${auth.actingAgent?.taskId} you said: still there?`);
  });
});

describe('the Vercel AI SDK against the demo’s provider', () => {
  test('streams', async () => {
    const auth = await resolved();
    const pieces = await aiSdk.streamAnswer(aiSdk.aiSdkProvider(auth), 'hello there');
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join('')).toBe(`Under ${auth.actingAgent?.taskId} you said: hello there`);
  });

  test('calls a tool', async () => {
    const provider = aiSdk.aiSdkProvider(await resolved());
    expect(await aiSdk.answerWithTool(provider, 'What is 20 + 22?')).toBe('The tool says 42.');
  });

  test('compacts', async () => {
    expect(await aiSdk.compactConversation(await resolved(), 'a long one')).toEqual(['compaction']);
  });
});
