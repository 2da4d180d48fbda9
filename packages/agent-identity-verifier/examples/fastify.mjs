// A Fastify service with a scope that accepts only verified agents. Run it with: node examples/fastify.mjs
import { createAssertionVerifier } from 'agent-identity-verifier';
import { getVerifiedAgent, requireAgent } from 'agent-identity-verifier/fastify';
import fastify from 'fastify';
import { callAs, directory } from './support/agent.mjs';

const verifier = createAssertionVerifier({ directory });

const app = fastify();
app.register(async (scope) => {
  await scope.register(requireAgent, { verifier });
  scope.get('/v1/whoami', async (request) => {
    const { agentRuntimeId, taskId } = getVerifiedAgent(request);
    return { agentRuntimeId, taskId };
  });
});

await callAs(await app.listen({ host: '127.0.0.1', port: 0 }));
await app.close();
