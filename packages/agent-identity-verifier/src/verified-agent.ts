import type { AssertionGeneration } from 'agent-identity-core';
import type { AgentActor, AgentFacts } from './agent-directory.js';

/**
 * The agent that a verified assertion identifies: a runtime under a task, or a runtime agent instance. `generation` tells
 * which. Contains no secret.
 */
export type VerifiedAgent = VerifiedAgentRuntime | VerifiedAgentInstance;

/** An agent of the first generation (docs/protocol.md). */
export interface VerifiedAgentRuntime extends AgentFacts {
  readonly generation: 1;
  readonly agentRuntimeId: string;
  readonly taskId: string;
  /** The account that owns the runtime, from the directory. */
  readonly accountId: string;
  /** What the authority granted the runtime, from the directory. */
  readonly capabilities: readonly string[];
  /** From the directory; empty if it knows none. */
  readonly labels: Readonly<Record<string, string>>;
  /** The ids of the runtimes that registered it, its parent last. Empty unless it is a sub-agent. */
  readonly lineage: readonly string[];
  /** When the agent signed, by the agent's clock: RFC 3339, UTC, whole seconds. */
  readonly signedAt: string;
}

/** An agent of the second generation (docs/protocol-instances.md). */
export interface VerifiedAgentInstance {
  readonly generation: 2;
  readonly runtimeAgentInstanceId: string;
  /** The id that the authority gave the installation that registered the instance. */
  readonly agentHostId: string;
  /** The actor that the instance acts for, from the directory. */
  readonly actor: AgentActor;
  /** The account of a `chatgpt` actor. A `platform` actor has none. */
  readonly accountId: string | undefined;
  /** Always empty: nobody grants capabilities to instances. */
  readonly capabilities: readonly [];
  /** When the agent signed, by the agent's clock: RFC 3339, UTC, whole seconds. */
  readonly signedAt: string;
  /** The `id` of the assertion, a UUID. It was used for the first time. */
  readonly assertionId: string;
}

/** The agents of the given generations. */
export type VerifiedAgentOf<Generation extends AssertionGeneration> = Extract<
  VerifiedAgent,
  { readonly generation: Generation }
>;
