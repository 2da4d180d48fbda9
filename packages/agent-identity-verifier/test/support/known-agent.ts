import {
  type AgentKey,
  type AgentPublicKey,
  createAssertionSigner,
  generateAgentKey,
} from 'agent-identity-core';
import { type MemoryDirectory, memoryDirectory } from 'agent-identity-verifier';

/** 2026-04-23T00:00:00Z, in milliseconds. */
export const now: number = Date.parse('2026-04-23T00:00:00Z');

/** One runtime with one live task in a directory, and whoever signs for it. */
export interface KnownAgent {
  readonly agentKey: AgentKey;
  readonly agentRuntimeId: string;
  readonly taskId: string;
  readonly accountId: string;
  readonly directory: MemoryDirectory;
}

/** @param publicKey What the directory holds, if not the plain key. */
export function knownAgent({ publicKey }: { readonly publicKey?: AgentPublicKey } = {}): KnownAgent {
  const agentKey = generateAgentKey();
  const agent = { agentKey, agentRuntimeId: 'agent-1', taskId: 'task-1', accountId: 'account-1' };
  const directory = memoryDirectory();
  directory.putAgentRuntime({ ...agent, publicKey: publicKey ?? agentKey.publicKey });
  directory.putAgentTask(agent);
  return { ...agent, directory };
}

/** The header value that the agent sends at this moment. */
export function headerOf(
  agent: Pick<KnownAgent, 'agentKey' | 'agentRuntimeId' | 'taskId'>,
  at: number = now,
): string {
  return createAssertionSigner(agent, { clock: () => at }).authorizationHeader();
}

/** The same key, and how often a signature was checked with it. */
export function countingKey(publicKey: AgentPublicKey): AgentPublicKey & { readonly checks: () => number } {
  let checks = 0;
  return {
    ssh: publicKey.ssh,
    bytes: publicKey.bytes,
    verify(message, signature) {
      checks += 1;
      return publicKey.verify(message, signature);
    },
    checks: () => checks,
  };
}
