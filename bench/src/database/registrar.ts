/**
 * A node of the bench in a process of its own: node registrar.js STORE_URL CLIENTS SECONDS [MASTER_KEY]. Opens the store, registers tasks by so many
 * clients at once, and prints how many.
 */
import { argv, stdout } from 'node:process';
import { openStore } from 'agent-identity-authority-sql';
import { newRuntime, newTask } from './sample.js';

const [, , url = '', clients = '1', seconds = '1', masterKey = ''] = argv;
const store = await openStore(url, { masterKey: Buffer.from(masterKey, 'base64') });
const runtimes = Array.from({ length: 100 }, () => newRuntime());
for (const runtime of runtimes) await store.addAgentRuntime(runtime);

// The first second warms up.
let count = 0;
const startedAt = performance.now();
const countFrom = startedAt + 1000;
const end = countFrom + Number(seconds) * 1000;
const registerUntilEnd = async (client: number) => {
  for (let i = client; performance.now() < end; i += 1) {
    await store.addAgentTask(newTask(runtimes[i % runtimes.length]?.agentRuntimeId ?? ''));
    if (performance.now() >= countFrom) count += 1;
  }
};
await Promise.all(Array.from({ length: Number(clients) }, (_, client) => registerUntilEnd(client)));
await store.close();
stdout.write(`${JSON.stringify({ count })}\n`);
