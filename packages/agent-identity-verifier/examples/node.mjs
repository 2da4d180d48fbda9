// A node:http service that accepts only verified agents. Run it with: node examples/node.mjs
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/node';
import { callAs, directory } from './support/agent.mjs';

const verifier = createAssertionVerifier({ directory });

const server = createServer(
  requireAgent(verifier, (_request, response, { agentRuntimeId, taskId }) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ agentRuntimeId, taskId }));
  }),
);

server.listen(0, '127.0.0.1');
await once(server, 'listening');
await callAs(`http://127.0.0.1:${server.address().port}`);
server.close();
