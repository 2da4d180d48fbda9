/** A Model Context Protocol server on Streamable HTTP that accepts only verified agents. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { AssertionVerifier, VerifiedAgent } from 'agent-identity-verifier';
import { withAgent } from 'agent-identity-verifier/fetch';
import { mcpAuthInfo } from 'agent-identity-verifier/mcp';

/** Returns a handler of `Request` and `Response` for the path of the server. */
export function createMcpHandler(verifier: AssertionVerifier): (request: Request) => Promise<Response> {
  const sessions = new Map<
    string,
    { readonly clientId: string; readonly transport: WebStandardStreamableHTTPServerTransport }
  >();

  async function beginSession(clientId: string): Promise<WebStandardStreamableHTTPServerTransport> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, { clientId, transport }),
      // A client that goes away without a word leaves its session: a service would also end idle ones.
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await createServer().connect(transport);
    return transport;
  }

  return withAgent(verifier, async (request, agent) => {
    const authInfo = mcpAuthInfo(agent);
    const id = request.headers.get('mcp-session-id');
    const session = sessions.get(id ?? '');
    // A session belongs to the agent that began it.
    if (id !== null && session?.clientId !== authInfo.clientId) {
      return Response.json({ error: 'unknown session' }, { status: 404 });
    }
    const transport = session?.transport ?? (await beginSession(authInfo.clientId));
    return endWithAgent(verifier, agent, request, await transport.handleRequest(request, { authInfo }));
  });
}

/** Ends a stream of events when its agent is revoked. */
function endWithAgent(
  verifier: AssertionVerifier,
  agent: VerifiedAgent,
  request: Request,
  response: Response,
): Response {
  if (response.body === null) return response;
  const closed = new AbortController();
  const ended = verifier.watch(agent, { signal: AbortSignal.any([closed.signal, request.signal]) });
  const stream = new TransformStream({
    start: (controller) => ended.addEventListener('abort', () => controller.terminate()),
    flush: () => closed.abort(),
  });
  return new Response(response.body.pipeThrough(stream), response);
}

function createServer(): McpServer {
  const server = new McpServer({ name: 'example', version: '1.0.0' });
  let calls = 0;
  server.registerTool(
    'whoami',
    { description: 'Says who calls, and how often in this session.' },
    (extra) => {
      calls += 1;
      const text = `${extra.authInfo?.clientId}, call ${calls}`;
      return { content: [{ type: 'text', text }] };
    },
  );
  return server;
}
