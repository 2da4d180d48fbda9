// A service that accepts agents of both generations. Run it with: node examples/both-generations.mjs
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/hono';
import { Hono } from 'hono';
import { assertionOnly, directory, dualHeader, firstGeneration, instance } from './support/instance.mjs';

const actorsByToken = new Map([['access-token-1', instance.actor]]);

const verifier = createAssertionVerifier({
  directory,
  generations: [1, 2],
  verifyBearer: (token) => actorsByToken.get(token),
});

const app = new Hono();
app.use('/v1/*', requireAgent(verifier));
app.get('/v1/whoami', (context) => {
  const agent = context.get('agent');
  return context.text(agent.generation === 1 ? agent.taskId : agent.runtimeAgentInstanceId);
});

async function call(caller, headers) {
  const response = await app.request('/v1/whoami', { headers });
  console.log(`${caller}: ${response.status} ${await response.text()}`);
}

await call('a runtime', firstGeneration());
const headers = assertionOnly();
await call('an instance', headers);
await call('a replay', headers);
await call('an instance with its bearer token', dualHeader('access-token-1'));
await call('an instance with an expired token', dualHeader('access-token-0'));
directory.putRuntimeAgentInstance({ ...instance, status: 'revoked' });
await call('a revoked instance', assertionOnly());
