// A Hono service that accepts only verified agents under /v1. Run it with: node examples/hono.mjs
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { createAssertionVerifier } from 'agent-identity-verifier';
import { requireAgent } from 'agent-identity-verifier/hono';
import { Hono } from 'hono';
import { callAs, directory } from './support/agent.mjs';

const verifier = createAssertionVerifier({ directory });

const app = new Hono();
app.use('/v1/*', requireAgent(verifier));
app.get('/v1/whoami', (context) => {
  const { agentRuntimeId, taskId } = context.get('agent');
  return context.json({ agentRuntimeId, taskId });
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
await once(server, 'listening');
await callAs(`http://127.0.0.1:${server.address().port}`);
server.close();
