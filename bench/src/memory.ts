/** Verifies a million distinct headers, in a process of its own with --expose-gc, and prints what the heap holds on the way. */
import { stdout } from 'node:process';
import { createAgentAssertion, formatAgentAssertion, generateAgentKey } from 'agent-identity-core';
import { createAssertionVerifier, memoryDirectory } from 'agent-identity-verifier';
import { accountId, agentRuntimeId } from './agent.js';

const verifications = 1_000_000;
const perStep = 100_000;

const agentKey = generateAgentKey();
const runtimes = memoryDirectory();
runtimes.putAgentRuntime({ agentRuntimeId, publicKey: agentKey.publicKey, accountId });
// Knows every task, and keeps none.
const findAgentTask = (_: string, taskId: string) => ({ agentRuntimeId, taskId, status: 'active' }) as const;
const verifier = createAssertionVerifier({ directory: { ...runtimes, findAgentTask } });
const megabytes: number[] = [];
for (let i = 0; i < verifications; i += 1) {
  const taskId = `task-${i}`;
  const header = formatAgentAssertion(createAgentAssertion({ agentKey, agentRuntimeId, taskId }));
  await verifier.verify(header, { accountId });
  if ((i + 1) % perStep === 0) {
    globalThis.gc?.();
    megabytes.push(process.memoryUsage().heapUsed / 1e6);
  }
}
stdout.write(`${JSON.stringify({ megabytes })}\n`);
