import { createServer } from 'node:http';
import { createAuthority, memoryStore, staticTokens } from 'agent-identity-authority-core';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { accessToken, account } from './login.mjs';

/**
 * Starts an authority of this project as the client's AuthAPI and JWKS, and a resource server that answers inference
 * requests with an assertion that the verifier accepts. All of them listen on loopback.
 */
export async function startServers() {
  const authority = await createAuthority({
    store: memoryStore(),
    authenticator: staticTokens([{ token: accessToken, account }]),
    authapiBasePath: '/authapi',
  });
  const verifier = createAssertionVerifier({ directory: authority.directory });
  /** The registrations and the senders of inference requests, in order. @type {string[]} */
  const events = [];
  /** Awaited before a task is registered. */
  const hooks = { beforeTask: async () => {} };

  /** @param {Request} request */
  async function answer(request) {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/authapi/')) return register(request, pathname.endsWith('/task/register'));
    if (pathname.endsWith('/agent-identities/jwks')) {
      events.push('jwks');
      return authority.fetch(request);
    }
    if (pathname === '/v1/responses') {
      events.push(await whoAsks(request, verifier));
      return inferenceAnswer();
    }
    if (pathname.endsWith('/wham/config/bundle')) return Response.json({});
    return Response.json({ error: { message: 'not here' } }, { status: 404 });
  }

  /**
   * @param {Request} request
   * @param {boolean} isTask
   */
  async function register(request, isTask) {
    events.push(isTask ? 'register task' : 'register runtime');
    if (isTask) await hooks.beforeTask();
    return authority.fetch(request);
  }

  const server = createServer(async (incoming, outgoing) => {
    await send(outgoing, await answer(await toRequest(incoming)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    origin: `http://127.0.0.1:${port}`,
    authority,
    verifier,
    hooks,
    /** Returns the events since the last call. */
    takeEvents: () => events.splice(0),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * @param {Request} request
 * @param {import('agent-identity-verifier').AssertionVerifier<import('agent-identity-verifier').VerifiedAgentRuntime>} verifier
 */
async function whoAsks(request, verifier) {
  const accountId = request.headers.get('chatgpt-account-id');
  try {
    const header = request.headers.get('authorization');
    const agent = await verifier.verify(header, { accountId });
    return `inference by ${agent.agentRuntimeId} under ${agent.taskId} for ${agent.accountId}`;
  } catch (error) {
    return `inference refused: ${error instanceof Error && 'code' in error ? error.code : error}`;
  }
}

function inferenceAnswer() {
  const response = { id: 'response-1' };
  const content = [{ type: 'output_text', text: 'answer-of-the-resource-server' }];
  const usage = {
    input_tokens: 1,
    output_tokens: 1,
    total_tokens: 2,
    input_tokens_details: null,
    output_tokens_details: null,
  };
  const events = [
    { type: 'response.created', response },
    {
      type: 'response.output_item.done',
      item: { type: 'message', role: 'assistant', id: 'message-1', content },
    },
    { type: 'response.completed', response: { ...response, usage } },
  ];
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** @param {import('node:http').IncomingMessage} incoming */
async function toRequest(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  const { method = 'GET', url = '/' } = incoming;
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(url, 'http://127.0.0.1'), {
    method,
    headers,
    ...(hasBody && { body: Buffer.concat(chunks) }),
  });
}

/**
 * @param {import('node:http').ServerResponse} outgoing
 * @param {Response} response
 */
async function send(outgoing, response) {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
