import { requireObject } from 'agent-identity-core/http';
import type { ChangeOrigin } from '../audit/audit-entry.js';
import { type EpochMilliseconds, requireInstants } from '../instant.js';
import type { EndedRowsQuery, RemovedRows } from '../store/ended-rows.js';
import type { Page, PageRequest } from '../store/pagination.js';
import { requireStorableText } from '../store/storable-text.js';

/** A registered task, with the registration that created it. */
export interface StoredAgentTask {
  readonly taskId: string;
  readonly agentRuntimeId: string;
  /** Byte for byte as in the registration. */
  readonly registrationTimestamp: string;
  /** Byte for byte as in the registration. */
  readonly registrationSignature: string;
  readonly createdAt: EpochMilliseconds;
  /** When a verifier last looked it up, to about a minute; `createdAt` before that. Not in the audit log. */
  readonly lastSeenAt: EpochMilliseconds;
  /** Null unless revoked. */
  readonly revokedAt: EpochMilliseconds | null;
}

/** The tasks of agent runtimes; see `AuthorityStore` for what holds of every method. */
export interface TaskStore {
  /**
   * Adds a task, unless the runtime has an unrevoked task with the same registration timestamp and signature: clients
   * repeat a registration byte for byte and must get the same task (docs/protocol.md section 11). A runtime may have any
   * number of tasks.
   *
   * @returns the task of that registration: the given one, or the existing one; `undefined`, without adding anything, if
   * the runtime does not exist, or is suspended or revoked at that moment
   */
  addAgentTask(task: StoredAgentTask, origin?: ChangeOrigin): Promise<StoredAgentTask | undefined>;

  /** The task, if it belongs to this runtime. */
  findAgentTask(agentRuntimeId: string, taskId: string): Promise<StoredAgentTask | undefined>;

  /** The tasks of a runtime, newest first, revoked ones included; empty for an unknown runtime. */
  listAgentTasks(agentRuntimeId: string, page?: PageRequest): Promise<Page<StoredAgentTask>>;

  /** Moves `lastSeenAt` forward, never back. Ignores an unknown task. Not in the audit log. */
  touchAgentTask(agentRuntimeId: string, taskId: string, seenAt: EpochMilliseconds): Promise<void>;

  /**
   * Marks a task as revoked. Revoking it again changes nothing and keeps the first time.
   *
   * @returns whether the runtime has such a task
   */
  revokeAgentTask(
    agentRuntimeId: string,
    taskId: string,
    revokedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<boolean>;

  /**
   * Looks at the next tasks, and removes those that were revoked, unused, or of a runtime that was revoked for long enough.
   * No client can use such a task. Not in the audit log.
   */
  removeEndedTasks(query: EndedRowsQuery): Promise<RemovedRows>;
}

/**
 * Requires a task that every store can keep.
 *
 * @throws AgentIdentityError `invalid_argument` for members that a store cannot keep
 * @example
 * ```ts
 * import type { StoredAgentTask } from 'agent-identity-authority-core';
 * import { requireStorableTask } from 'agent-identity-authority-core/store';
 *
 * declare const task: StoredAgentTask;
 * requireStorableTask(task);
 * ```
 */
export function requireStorableTask(task: StoredAgentTask): void {
  requireObject(task, 'task');
  const { taskId, agentRuntimeId, registrationTimestamp, registrationSignature } = task;
  requireStorableText({ taskId, agentRuntimeId, registrationTimestamp, registrationSignature });
  const { createdAt, lastSeenAt, revokedAt } = task;
  requireInstants({ createdAt, lastSeenAt }, { revokedAt });
}
