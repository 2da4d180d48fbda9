import * as z from 'zod';
import { nextCursorSchema, type PageQuery, pageQueryMembers } from '../http/page-wire.js';
import { type EpochMilliseconds, instantSchema, toInstant } from '../instant.js';
import { taskStatus, toWireTaskStatus } from './task-status.js';
import type { StoredAgentTask } from './task-store.js';

/** A task of an agent runtime in the administration API. */
export interface AdminTask {
  task_id: string;
  agent_runtime_id: string;
  status: 'live' | 'expired' | 'revoked';
  created_at: string;
  /** When a verifier last looked it up, to about a minute; updated only if idle tasks expire. */
  last_seen_at: string;
  revoked_at: string | null;
}

/** The schema of {@link AdminTask}. */
export const adminTaskSchema: z.ZodType<AdminTask> = z.object({
  task_id: z.string(),
  agent_runtime_id: z.string(),
  status: z.enum(['live', 'expired', 'revoked']),
  created_at: instantSchema,
  last_seen_at: instantSchema,
  revoked_at: instantSchema.nullable(),
});

/** A page of tasks, newest first. */
export interface AdminTaskPage {
  tasks: AdminTask[];
  next_cursor: string | null;
}

/** The schema of {@link AdminTaskPage}. */
export const adminTaskPageSchema: z.ZodType<AdminTaskPage> = z.object({
  tasks: z.array(adminTaskSchema),
  next_cursor: nextCursorSchema,
});

/** The schema of the query parameters that page tasks. It refuses unknown parameters. */
export const adminTaskQuerySchema: z.ZodType<PageQuery> = z.strictObject({ ...pageQueryMembers });

/**
 * Converts a task to its form in responses.
 *
 * @param idleTtlSeconds After how many seconds without use a task expires; `undefined` for never.
 * @param now Epoch milliseconds.
 * @example
 * ```ts
 * import type { StoredAgentTask } from 'agent-identity-authority-core';
 * import { toAdminTask } from 'agent-identity-authority-core/admin-wire';
 *
 * const isLive = (task: StoredAgentTask) => toAdminTask(task, undefined, Date.now()).status === 'live';
 * ```
 */
export function toAdminTask(
  task: StoredAgentTask,
  idleTtlSeconds: number | undefined,
  now: EpochMilliseconds,
): AdminTask {
  return {
    task_id: task.taskId,
    agent_runtime_id: task.agentRuntimeId,
    status: toWireTaskStatus(taskStatus(task, idleTtlSeconds, now)),
    created_at: toInstant(task.createdAt),
    last_seen_at: toInstant(task.lastSeenAt),
    revoked_at: toInstant(task.revokedAt),
  };
}
