import type { AgentPublicKey } from 'agent-identity-core';

/** A value, or a promise of it: a directory in memory answers at once, a remote one later. */
export type MaybePromise<T> = T | Promise<T>;

/** `deleted` and `revoked` are told apart for operators; clients are told the same of both (docs/protocol.md section 11). */
export type AgentRuntimeStatus = 'active' | 'deleted' | 'revoked' | 'expired';

/** What a directory knows of an agent runtime. */
export interface AgentRuntimeEntry {
  readonly agentRuntimeId: string;
  /** The registered key. Give the same object for the same key where you can: it keeps what is prepared once. */
  readonly publicKey: AgentPublicKey;
  /** The account that owns the runtime. */
  readonly accountId: string;
  readonly status: AgentRuntimeStatus;
}

/** A revoked task was ended by somebody; an expired one by time. */
export type AgentTaskStatus = 'live' | 'expired' | 'revoked';

/** What a directory knows of a task. A runtime has any number of live tasks side by side (docs/protocol.md section 11). */
export interface AgentTaskEntry {
  readonly agentRuntimeId: string;
  readonly taskId: string;
  readonly status: AgentTaskStatus;
}

/**
 * Where a verifier looks up runtimes and tasks: in memory, in a file, or at an authority.
 *
 * - `undefined` means that the directory knows for certain that there is none. A directory that cannot tell throws or
 *   rejects; the verifier then fails with `directory_unavailable` (503), never with a 401.
 * - Both are asked at each verification, so how soon a revocation is seen is the directory's matter: it must bound how
 *   long it answers from a cache.
 * - The task is asked for only after the signature has verified: strangers cause no look-up of tasks.
 */
export interface AgentDirectory {
  findAgentRuntime(agentRuntimeId: string): MaybePromise<AgentRuntimeEntry | undefined>;
  /** The task if it is this runtime's; `undefined` if it is another's. */
  findAgentTask(agentRuntimeId: string, taskId: string): MaybePromise<AgentTaskEntry | undefined>;
}
