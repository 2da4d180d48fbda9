import { type AgentKey, createInstanceAssertion, generateAgentKey } from 'agent-identity-core';
import {
  type AgentActor,
  type CreateAssertionVerifierOptions,
  createAssertionVerifier,
  type MemoryDirectory,
  memoryDirectory,
  type RuntimeAgentInstanceEntry,
} from 'agent-identity-verifier';
import { now } from './known-agent.js';

export const chatgptActor = { kind: 'chatgpt', userId: 'user-1', accountId: 'account-1' } as const;
export const platformActor = {
  kind: 'platform',
  userId: 'user-1',
  organizationId: 'org-1',
  projectId: null,
} as const;

/** One active runtime agent instance in a directory, and the key that signs for it. */
export interface KnownInstance {
  readonly agentKey: AgentKey;
  readonly runtimeAgentInstanceId: string;
  readonly directory: MemoryDirectory;
  /** Replaces members of the instance's entry. */
  change(change: Partial<RuntimeAgentInstanceEntry>): void;
}

export function knownInstance(actor: AgentActor = chatgptActor): KnownInstance {
  const agentKey = generateAgentKey();
  const runtimeAgentInstanceId = 'rai-1';
  const directory = memoryDirectory();
  const entry = { runtimeAgentInstanceId, agentHostId: 'host-1', publicKey: agentKey.publicKey, actor };
  const change: KnownInstance['change'] = (members) =>
    directory.putRuntimeAgentInstance({ ...entry, ...members });
  change({});
  return { agentKey, runtimeAgentInstanceId, directory, change };
}

/** A new assertion of the instance, `1.…`. */
export function assertionOf(
  { agentKey, runtimeAgentInstanceId }: Pick<KnownInstance, 'agentKey' | 'runtimeAgentInstanceId'>,
  at: number = now,
): string {
  return createInstanceAssertion({ agentKey, runtimeAgentInstanceId }, { clock: () => at });
}

/** The value of `Authorization` with a new assertion of the instance. */
export function instanceHeaderOf(
  instance: Pick<KnownInstance, 'agentKey' | 'runtimeAgentInstanceId'>,
  at: number = now,
): string {
  return `AgentAssertion ${assertionOf(instance, at)}`;
}

/** A verifier for both generations, at a fixed time. */
export function verifierForBoth(
  { directory }: Pick<KnownInstance, 'directory'>,
  options: Partial<CreateAssertionVerifierOptions> = {},
) {
  return createAssertionVerifier({ directory, generations: [1, 2], ...options }, { clock: () => now });
}
