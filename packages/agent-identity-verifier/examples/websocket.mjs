// A WebSocket server that accepts agents of both generations. Run it with: node examples/websocket.mjs
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgentOnUpgrade } from 'agent-identity-verifier/node';
import { WebSocket, WebSocketServer } from 'ws';
import { assertionOnly, directory, firstGeneration } from './support/instance.mjs';

const verifier = createAssertionVerifier({ directory, generations: [1, 2] });

const sockets = new WebSocketServer({ noServer: true });
const server = createServer().on(
  'upgrade',
  requireAgentOnUpgrade(verifier, (request, socket, head, agent) => {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
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
server.close();
