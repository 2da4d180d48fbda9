import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import { requireAgent } from 'agent-identity-verifier/hono';
import { requireAgentOnUpgrade } from 'agent-identity-verifier/node';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import { accountsCheck, refreshedTokens, whoami } from './people.mjs';

/** The names of docs/protocol-instances.md that the client reaches in these scenarios. */
export const hostNames = ['auth.openai.com', 'chatgpt.com', 'api.openai.com'];

/**
 * What a server saw of a request, and how it answered.
 *
 * @typedef {{
 *   url: string,
 *   status: number,
 *   code: string | undefined,
 *   agent: string | undefined,
 *   authorization: string,
 *   assertion: boolean,
 *   account: string | undefined,
 *   organization: string | undefined,
 * }} SeenRequest
 */

/**
 * Serves the names of OpenAI on port 443 of this namespace, and a provider of another name on plain HTTP: our authority, our
 * middleware, and fixed answers for the rest.
 *
 * @param {{
 *   authority: import('agent-identity-authority-core').Authority,
 *   verifier: import('agent-identity-verifier').AssertionVerifier,
 *   certificate: { cert: Buffer, key: Buffer },
 * }} parts
 */
export async function startOpenAiHosts({ authority, verifier, certificate }) {
  /** @type {SeenRequest[]} */
  const requests = [];
  const behavior = {
    /** The cloud config bundle. */
    bundle: {},
    acceptsWebSockets: false,
    /** Awaited before an inference request is verified. */
    beforeInference: async () => {},
  };
  const app = createApp({ authority, verifier }, behavior, requests);
  // The host is the first segment of the path inside the app.
  const listener = getRequestListener((request) => {
    const { host, pathname, search } = new URL(request.url);
    return app.fetch(movedTo(`/${host.split(':')[0]}${pathname}${search}`, request));
  });
  const upgrade = acceptWebSockets(verifier, behavior, requests);
  const secure = createServer(certificate, listener).on('upgrade', upgrade);
  const plain = createHttpServer(listener);
  await new Promise((resolve) => secure.listen(443, '127.0.0.1', () => resolve(undefined)));
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = plain.address();
  return {
    behavior,
    foreignProviderUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}/v1`,
    /** Returns the requests since the last call. */
    takeRequests: () => requests.splice(0),
    close() {
      for (const server of [secure, plain]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

/**
 * @param {{
 *   authority: import('agent-identity-authority-core').Authority,
 *   verifier: import('agent-identity-verifier').AssertionVerifier,
 * }} parts
 * @param {{ bundle: object, beforeInference: () => Promise<void> }} behavior
 * @param {SeenRequest[]} requests
 */
function createApp({ authority, verifier }, behavior, requests) {
  const app = /** @type {Hono<import('agent-identity-verifier/hono').AgentEnv>} */ (new Hono());
  app.onError((error) => {
    throw error;
  });
  app.use(async (context, next) => {
    await next();
    requests.push(await describe(context.req.raw, context.res, context.get('agent')));
  });
  app.post('/auth.openai.com/agent/register', ({ req }) =>
    authority.fetch(movedTo('/authapi/agent/register', req.raw)),
  );
  app.all('/auth.openai.com/authapi/*', ({ req }) => authority.fetch(movedTo(req.path.slice(16), req.raw)));
  app.post('/auth.openai.com/oauth/token', (context) => context.json(refreshedTokens));
  app.get('/auth.openai.com/api/accounts/v1/user-auth-credential/whoami', (context) => context.json(whoami));
  app.get('/chatgpt.com/backend-api/wham/config/bundle', (context) => context.json(behavior.bundle));
  // Everything else needs an assertion.
  app.on('POST', ['/:host/v1/responses', '/:host/backend-api/codex/responses'], async (_context, next) => {
    await behavior.beforeInference();
    return next();
  });
  app.use(requireAgent(verifier));
  app.on('POST', ['/:host/v1/responses', '/:host/backend-api/codex/responses'], (context) =>
    context.body(inference.map(toServerSentEvent).join(''), 200, { 'content-type': 'text/event-stream' }),
  );
  app.get('/chatgpt.com/backend-api/wham/accounts/check', (context) => context.json(accountsCheck));
  app.notFound((context) => context.json({ error: { message: 'not here' } }, 404));
  return app;
}

/** The same request under another path. @param {string} path @param {Request} request */
function movedTo(path, request) {
  return new Request(new URL(path, 'http://authority'), request);
}

/**
 * @param {Request} request
 * @param {Response} response
 * @param {import('agent-identity-verifier').VerifiedAgent | undefined} agent
 * @returns {Promise<SeenRequest>}
 */
async function describe({ method, url, headers }, response, agent) {
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  /** @type {any} */
  const body = isJson ? await response.clone().json() : {};
  return {
    url: `${method} ${new URL(url).pathname.slice(1)}`,
    status: response.status,
    code: body.error?.code,
    agent: idOf(agent),
    authorization: schemeOf(headers.get('authorization')),
    assertion: headers.has('x-openai-agent-assertion'),
    account: headers.get('chatgpt-account-id') ?? undefined,
    organization: headers.get('openai-organization') ?? undefined,
  };
}

/** `AgentAssertion`, `AgentAssertion 1.`, `Bearer` or `none`. @param {string | null | undefined} authorization */
function schemeOf(authorization) {
  return /^\S+(?: 1\.)?/.exec(authorization ?? 'none')?.[0] ?? 'none';
}

/** @param {import('agent-identity-verifier').VerifiedAgent | undefined} agent */
function idOf(agent) {
  return agent?.generation === 2 ? agent.runtimeAgentInstanceId : agent?.agentRuntimeId;
}

/**
 * @param {import('agent-identity-verifier').AssertionVerifier} verifier
 * @param {{ acceptsWebSockets: boolean }} behavior
 * @param {SeenRequest[]} requests
 */
function acceptWebSockets(verifier, behavior, requests) {
  const sockets = new WebSocketServer({ noServer: true });
  return requireAgentOnUpgrade(verifier, (request, socket, head, agent) => {
    const { host, authorization, 'chatgpt-account-id': account } = request.headers;
    requests.push({
      url: `WebSocket ${host}${request.url}`,
      status: behavior.acceptsWebSockets ? 101 : 426,
      code: undefined,
      agent: idOf(agent),
      authorization: schemeOf(authorization),
      assertion: 'x-openai-agent-assertion' in request.headers,
      account: account?.toString(),
      organization: undefined,
    });
    // A refused handshake makes the client go on over HTTP (docs/protocol.md section 11).
    if (!behavior.acceptsWebSockets) {
      socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, /** @type {import('node:net').Socket} */ (socket), head, (webSocket) => {
      webSocket.on('message', () => {
        for (const event of inference) webSocket.send(JSON.stringify(event));
      });
    });
  });
}

/** @param {{ type: string }} event */
function toServerSentEvent(event) {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

const response = { id: 'response-1' };
const usage = {
  input_tokens: 1,
  output_tokens: 1,
  total_tokens: 2,
  input_tokens_details: null,
  output_tokens_details: null,
};
const content = [{ type: 'output_text', text: 'answer-of-the-provider' }];
const inference = [
  { type: 'response.created', response },
  {
    type: 'response.output_item.done',
    item: { type: 'message', role: 'assistant', id: 'message-1', content },
  },
  { type: 'response.completed', response: { ...response, usage } },
];
