import { createServer } from 'node:http';
import { createAssertionVerifier, verificationFailureResponse } from 'agent-identity-verifier';
import { remoteDirectory } from 'agent-identity-verifier/remote-directory';

/**
 * @typedef {import('node:http').IncomingMessage} IncomingMessage
 * @typedef {import('node:http').ServerResponse} ServerResponse
 * @typedef {{ path: string, verdict: string, scheme: string }} CheckedRequest A request and the verifier's result.
 */

/**
 * Starts a first-party provider on loopback. It answers inference requests with an assertion that the verifier accepts (the
 * verifier queries the authority over HTTP), and the client's other requests below its ChatGPT base URL.
 *
 * @param {{ authorityUrl: string, verifierToken: string }} options
 */
export async function startResponsesProvider({ authorityUrl, verifierToken }) {
  const directory = remoteDirectory({
    baseUrl: authorityUrl,
    accessToken: verifierToken,
    maxCacheSeconds: 1,
  });
  const judge = judgeOf(createAssertionVerifier({ directory }));
  /** In order. @type {CheckedRequest[]} */
  const requests = [];
  const server = createServer(async (incoming, outgoing) => {
    for await (const _chunk of incoming);
    const path = pathOf(incoming);
    if (path.endsWith('/agent-identities/jwks'))
      return forward(`${new URL(authorityUrl).origin}${path}`, outgoing);
    const { failure, ...judged } = await judge(incoming);
    requests.push({ path, ...judged });
    if (path.endsWith('/responses')) return answerInference(failure, outgoing);
    const isBundle = path.endsWith('/wham/config/bundle');
    outgoing.writeHead(isBundle ? 200 : 404, { 'content-type': 'application/json' });
    outgoing.end(isBundle ? '{}' : '{"error":{"message":"not here"}}');
  });
  // The WebSocket handshake is refused, so the client continues over HTTP (docs/protocol.md section 11).
  server.on('upgrade', async (incoming, socket) => {
    const { verdict, scheme } = await judge(incoming);
    requests.push({ path: `websocket ${pathOf(incoming)}`, verdict, scheme });
    socket.end('HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`,
    /** Returns the requests since the last call. */
    takeRequests: () => requests.splice(0),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @param {IncomingMessage} incoming */
function pathOf({ url }) {
  return new URL(url ?? '/', 'http://provider').pathname;
}

/** @param {import('agent-identity-verifier').AssertionVerifier} verifier */
function judgeOf(verifier) {
  return async (/** @type {IncomingMessage} */ { headers }) => {
    const { authorization, 'chatgpt-account-id': accountId } = headers;
    const scheme = authorization?.split(' ')[0] ?? 'none';
    try {
      await verifier.verify(authorization, { accountId: accountId?.toString() });
      return { scheme, verdict: 'verified', failure: undefined };
    } catch (failure) {
      const verdict = failure instanceof Error && 'code' in failure ? String(failure.code) : String(failure);
      return { scheme, verdict, failure };
    }
  };
}

/**
 * Serves the key set below the client's ChatGPT base URL, where a gateway would forward it to the authority.
 *
 * @param {string} url
 * @param {ServerResponse} outgoing
 */
async function forward(url, outgoing) {
  const answer = await fetch(url);
  outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
}

/**
 * @param {unknown} failure
 * @param {ServerResponse} outgoing
 */
function answerInference(failure, outgoing) {
  if (failure === undefined) {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(inference);
    return;
  }
  const { status, headers, body } = verificationFailureResponse(failure);
  outgoing.writeHead(status, headers).end(JSON.stringify(body));
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
]
  .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  .join('');
