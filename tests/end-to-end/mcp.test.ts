import { getRequestListener } from '@hono/node-server';
import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { loadAuth } from 'provider-auth';
import { listenOnLoopback } from 'test-support';
import { expect, it, onTestFinished, vi } from 'vitest';
import { accessToken, account, startAgent } from './start-agent.js';

/** The examples of other packages, which those packages check the types of. */
const example = (path: string) => import(new URL(`../../packages/${path}`, import.meta.url).href);
const { createMcpHandler } = await example('agent-identity-verifier/examples/mcp-server.ts');
const { connectMcpClient } = await example('provider-auth/examples/mcp-client.ts');

/** An authority, an MCP server that asks its directory, and connected clients of two agents. */
async function scene() {
  const store = memoryStore();
  const authority = await createAuthority({
    store,
    authenticator: staticTokens([{ token: accessToken, account }]),
  });
  onTestFinished(() => authority.close());
  const authapiBaseUrl = await listenOnLoopback(getRequestListener((request) => authority.fetch(request)));
  const verifier = createAssertionVerifier({ directory: authority.directory });
  const handle = createMcpHandler(verifier);
  const received: Request[] = [];
  const origin = await listenOnLoopback(
    getRequestListener((request) => {
      received.push(request.clone());
      return handle(request);
    }),
  );
  const connect = async () => {
    const { record } = await startAgent(authapiBaseUrl);
    const auth = await loadAuth({ record, authapiBaseUrl });
    const client = await connectMcpClient(auth, `${origin}/mcp`);
    onTestFinished(() => client.close());
    const whoami = async () => {
      const { content } = await client.callTool({ name: 'whoami' });
      return (content as { text: string }[])[0]?.text;
    };
    return { id: record.agent_runtime_id, client, whoami };
  };
  return { store, authority, connect, received, origin };
}

it('tools learn which agent calls, in a session of its own', async () => {
  const { connect } = await scene();
  const [one, other] = [await connect(), await connect()];
  expect(await one.whoami()).toBe(`${one.id}, call 1`);
  expect(await one.whoami()).toBe(`${one.id}, call 2`);
  expect(await other.whoami()).toBe(`${other.id}, call 1`);
});

it('a session goes on when its task was replaced', async () => {
  const { store, authority, connect } = await scene();
  const { id, whoami } = await connect();
  expect(await whoami()).toBe(`${id}, call 1`);
  const tasksBefore = (await store.listAgentTasks(id)).items;
  for (const { taskId } of tasksBefore) await authority.revokeAgentTask({ agentRuntimeId: id, taskId });
  expect(await whoami()).toBe(`${id}, call 2`);
  expect((await store.listAgentTasks(id)).items.length).toBe(tasksBefore.length + 1);
});

it('a session is of no use to another agent, nor to a stranger', async () => {
  const { connect, received, origin } = await scene();
  const one = await connect();
  const other = await connect();
  await one.whoami();
  await other.whoami();
  const sessionOf = (request: Request | undefined) => request?.headers.get('mcp-session-id') ?? expect.fail();
  const last = received.at(-1);
  const authorization = last?.headers.get('authorization') ?? expect.fail();
  const foreign = received.find((request) => {
    const session = request.headers.get('mcp-session-id');
    return session !== null && session !== sessionOf(last);
  });
  const send = (headers: Record<string, string>) =>
    fetch(`${origin}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': sessionOf(foreign),
        'chatgpt-account-id': 'account-1',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'whoami' } }),
    });
  expect((await send({ authorization })).status).toBe(404);
  expect((await send({})).status).toBe(401);
  expect((await send({ authorization, 'mcp-session-id': sessionOf(last) })).status).toBe(200);
});

it('the stream of events of a revoked agent ends, and it can call nothing more', async () => {
  const { authority, connect, received } = await scene();
  const { id, client, whoami } = await connect();
  await vi.waitFor(() => expect(received.some(({ method }) => method === 'GET')).toBe(true));
  const ended = new Promise((resolve) => {
    client.onerror = resolve;
  });
  await authority.revokeAgentRuntime(id);
  await ended;
  await expect(whoami()).rejects.toThrow('the agent runtime is deleted');
});
