import { createAgentAssertion, formatAgentAssertion, generateAgentKey } from 'agent-identity-core';
import { accountId, agentRuntimeId, tasks } from './agent.js';
import type { Measurement } from './measure.js';
import { type BenchServer, measureRequests, startServer } from './requests.js';

const agentKey = generateAgentKey();

/** Assertions that differ, signed within the last five minutes, before they are needed. */
function signDistinct(count: number): () => string {
  const now = Date.now();
  const headers = Array.from({ length: count }, (_, i) => {
    const taskId = tasks[i % tasks.length] as string;
    const clock = () => now - Math.floor(i / tasks.length) * 1000;
    return formatAgentAssertion(createAgentAssertion({ agentKey, agentRuntimeId, taskId }, { clock }));
  });
  let next = 0;
  return () => {
    next = (next + 1) % headers.length;
    return headers[next] as string;
  };
}

/** The headers of a client that repeats its assertion within a second: of 20 requests, one has a new one. */
function mostlyRepeated(nextDistinct: () => string): () => Record<string, string> {
  let current = nextDistinct();
  let count = 0;
  return () => {
    count += 1;
    if (count % 20 === 0) current = nextDistinct();
    return withAccount(current);
  };
}

const withAccount = (authorization: string) => ({ authorization, 'chatgpt-account-id': accountId });

/** Compares a server with middleware to the same server without, of 20 assertions one new. */
export async function measureMiddleware(kind: 'node' | 'hono', name: string): Promise<Measurement[]> {
  const nextDistinct = signDistinct(30_000);
  const [plain, guarded] = [
    await startServer(kind),
    await startServer(`${kind}-guarded`, agentKey.publicKey.ssh),
  ];
  const nextHeaders = mostlyRepeated(nextDistinct);
  return measureRequests([
    { name: `${name} without middleware`, url: plain.url, nextHeaders },
    { name: `${name} with requireAgent`, url: guarded.url, nextHeaders },
  ]);
}

/** Compares the broker to a proxy that does nothing else, under load and with one request at a time. */
export async function measureBroker(): Promise<{
  readonly load: Measurement[];
  readonly single: Measurement[];
}> {
  const { url: origin } = await startServer('origin');
  const bare = await startServer('bare-proxy', origin);
  const broker = await startServer('broker', origin);
  const direct: BenchServer = { name: 'without a proxy', url: origin, nextHeaders: () => ({}) };
  const servers: BenchServer[] = [
    { name: 'a bare proxy of node:http', url: bare.url, nextHeaders: () => ({}) },
    { name: 'agent-identity-broker', url: broker.url, nextHeaders: () => broker.headers },
  ];
  return { load: await measureRequests(servers), single: await measureRequests([...servers, direct], 1) };
}
