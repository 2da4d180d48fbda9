import {
  type AgentKey,
  type AgentPublicKey,
  createAssertionSigner,
  generateAgentKey,
} from 'agent-identity-core';
import { type AgentRuntimeStatus, type MemoryDirectory, memoryDirectory } from 'agent-identity-verifier';

/** 2026-04-23T00:00:00Z, in milliseconds. */
export const now: number = Date.parse('2026-04-23T00:00:00Z');

/** One runtime with one active task in a directory, and the key that signs for it. */
export interface KnownAgent {
  readonly agentKey: AgentKey;
  readonly agentRuntimeId: string;
  readonly taskId: string;
  readonly accountId: string;
  readonly directory: MemoryDirectory;
  /** Replaces members of the runtime's entry. */
  change(change: {
    publicKey?: AgentPublicKey;
    status?: AgentRuntimeStatus | undefined;
    capabilities?: readonly string[];
  }): void;
}

export function knownAgent(): KnownAgent {
  const agentKey = generateAgentKey();
  const [agentRuntimeId, taskId, accountId] = ['agent-1', 'task-1', 'account-1'];
  const directory = memoryDirectory();
  const change: KnownAgent['change'] = (members) =>
    directory.putAgentRuntime({ agentRuntimeId, publicKey: agentKey.publicKey, accountId, ...members });
  change({});
  directory.putAgentTask({ agentRuntimeId, taskId });
  return { agentKey, agentRuntimeId, taskId, accountId, directory, change };
}

/** The header value that the agent sends at this moment. */
export function headerOf(
  { agentKey, agentRuntimeId, taskId }: Pick<KnownAgent, 'agentKey' | 'agentRuntimeId' | 'taskId'>,
  at: number = now,
): string {
  return createAssertionSigner(
    { agentKey, agentRuntimeId, taskId },
    { clock: () => at },
  ).authorizationHeader();
}

/** The same key, which counts how many signatures were checked with it. */
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
