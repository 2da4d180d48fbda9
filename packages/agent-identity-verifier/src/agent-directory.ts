import type { AgentPublicKey } from 'agent-identity-core';
import type { AgentBillOfMaterials } from 'agent-identity-core/wire';

/** A value, or a promise of it: a directory in memory answers synchronously, a remote one asynchronously. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * The status of an agent runtime. A suspended one can become active again. Clients get the same response to `deleted` and `revoked`
 * (docs/protocol.md section 11).
 */
export type AgentRuntimeStatus = 'active' | 'suspended' | 'deleted' | 'revoked' | 'expired';

/** What a directory may know about an agent runtime besides what is verified. Nothing in it is secret. */
export interface AgentFacts {
  /** For people; not unique. */
  readonly name?: string | undefined;
  /** What the operators of the authority select agents by, such as `{ team: 'search' }`. Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** The plan of the account, such as `business`. */
  readonly planType?: string | undefined;
  /**
   * The ids of the runtimes that a sub-agent descends from, its parent last; empty for an agent that nobody's agent registered.
   * The directory tells the status of the whole: a sub-agent is active only while its lineage is. Default: none.
   */
  readonly lineage?: readonly string[] | undefined;
  /** What the agent said of its software at its registration (docs/protocol.md section 4). Nobody verified it. */
  readonly abom?: AgentBillOfMaterials | undefined;
}

/** An agent runtime in a directory. */
export interface AgentRuntimeEntry extends AgentFacts {
  readonly agentRuntimeId: string;
  /**
   * The registered key; `readSshPublicKey` of agent-identity-core reads one. Return the same object for the same key if
   * possible: it caches what the first check of a signature computes.
   */
  readonly publicKey: AgentPublicKey;
  /** The account that owns the runtime. */
  readonly accountId: string;
  readonly status: AgentRuntimeStatus;
  /** What the runtime may do, as the authority granted it. Default: nothing. */
  readonly capabilities?: readonly string[] | undefined;
}

/** The status of a task. An active task is called `live` on the wire. */
export type AgentTaskStatus = 'active' | 'expired' | 'revoked';

/** A task in a directory. A runtime can have any number of active tasks at once (docs/protocol.md section 11). */
export interface AgentTaskEntry {
  readonly agentRuntimeId: string;
  readonly taskId: string;
  readonly status: AgentTaskStatus;
}

/**
 * The actor that a runtime agent instance acts for, as the authority decided it at the registration
 * (docs/protocol-instances.md section 3).
 */
export type AgentActor =
  | { readonly kind: 'chatgpt'; readonly userId: string; readonly accountId: string }
  | {
      readonly kind: 'platform';
      readonly userId: string;
      readonly organizationId: string;
      /** Null if the registration selected no project. */
      readonly projectId: string | null;
    };

/** The status of a runtime agent instance. A suspended one can become active again, a revoked one cannot. */
export type RuntimeAgentInstanceStatus = 'active' | 'suspended' | 'revoked' | 'expired';

/** A runtime agent instance in a directory: the second generation's agent (docs/protocol-instances.md). */
export interface RuntimeAgentInstanceEntry {
  readonly runtimeAgentInstanceId: string;
  /** The id that the authority gave the installation that registered the instance. */
  readonly agentHostId: string;
  /** The registered key; see `AgentRuntimeEntry`. */
  readonly publicKey: AgentPublicKey;
  readonly actor: AgentActor;
  readonly status: RuntimeAgentInstanceStatus;
  /** Epoch milliseconds from which the instance counts as expired whatever its status says. Default: never. */
  readonly expiresAt?: number | undefined;
}

/**
 * Looks up runtimes, tasks and runtime agent instances for a verifier: in memory, in a file, at an authority, or in your
 * database.
 *
 * - `undefined` means that there is certainly no such entry. A directory that cannot tell must throw or reject; the verifier
 *   then fails with `directory_unavailable` (503) and never with a 401.
 * - The methods are called at each verification, so the directory decides how soon a revocation takes effect. It must limit
 *   how long it answers from a cache.
 * - The task is looked up only after the signature has been verified, so strangers cause no task look-ups.
 */
export interface AgentDirectory {
  findAgentRuntime(agentRuntimeId: string): MaybePromise<AgentRuntimeEntry | undefined>;
  /** Finds a task of this runtime; `undefined` if the task belongs to another runtime. */
  findAgentTask(agentRuntimeId: string, taskId: string): MaybePromise<AgentTaskEntry | undefined>;
  /** Required only by a verifier that accepts the second generation. */
  findRuntimeAgentInstance?(
    runtimeAgentInstanceId: string,
  ): MaybePromise<RuntimeAgentInstanceEntry | undefined>;
  /**
   * Calls the listener with the id of each runtime that has changed, or one of whose tasks has; `undefined` if anything may
   * have changed. Makes `watch` of a verifier react at once; without it, `watch` asks every two seconds.
   *
   * @returns ends the subscription
   */
  subscribe?(listener: (agentRuntimeId: string | undefined) => void): () => void;
}
