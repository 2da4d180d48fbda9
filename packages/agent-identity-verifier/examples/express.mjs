// An Express service that accepts only verified agents under /v1. Run it with: node examples/express.mjs
import { once } from 'node:events';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { getVerifiedAgent, requireAgent } from 'agent-identity-verifier/express';
import express from 'express';
import { callAs, directory } from './support/agent.mjs';

const verifier = createAssertionVerifier({ directory });

const app = express();
app.use('/v1', requireAgent(verifier));
app.get('/v1/whoami', (request, response) => {
  const { agentRuntimeId, taskId } = getVerifiedAgent(request);
  response.json({ agentRuntimeId, taskId });
});

const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
await callAs(`http://127.0.0.1:${server.address().port}`);
server.close();
