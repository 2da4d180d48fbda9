// A WebSocket server that accepts agents of both generations. Run it with: node examples/websocket.mjs
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgentOnUpgrade } from 'agent-identity-verifier/node';
import { WebSocket, WebSocketServer } from 'ws';
import { assertionOnly, directory, firstGeneration, revoke } from './support/instance.mjs';

const verifier = createAssertionVerifier({ directory, generations: [1, 2] });

const sockets = new WebSocketServer({ noServer: true });
const server = createServer().on(
  'upgrade',
  requireAgentOnUpgrade(verifier, (request, socket, head, agent, ended) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      ended.addEventListener('abort', () => webSocket.close(1008, ended.reason.code));
      webSocket.send(`hello agent of generation ${agent.generation}`);
    });
  }),
);

server.listen(0, '127.0.0.1');
await once(server, 'listening');

async function connect(headers) {
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}`, { headers });
  const answer = once(client, 'message').then(([message]) => String(message));
  const refusal = once(client, 'unexpected-response').then(
    ([, response]) => `refused: ${response.statusCode}`,
  );
  console.log(await Promise.race([answer, refusal]));
  client.on('error', () => {}).terminate();
}

await connect(firstGeneration());
const headers = assertionOnly();
await connect(headers);
await connect(headers);

// A connection ends with its agent.
const open = new WebSocket(`ws://127.0.0.1:${server.address().port}`, { headers: firstGeneration() });
await once(open, 'message');
revoke();
const [code, reason] = await once(open, 'close');
console.log(`closed: ${code} ${reason}`);
server.close();
