import type { EpochMilliseconds } from '../instant.js';
import type { StoredAgentTask } from './task-store.js';

/** Whether a task can be used. Called `live` on the wire. */
export type TaskStatus = 'active' | 'expired' | 'revoked';

/** After how many seconds without use a task expires; `undefined` for never. */
export type TaskIdleTtlSeconds = number | undefined;

/** The status of a task at this moment. A task that is revoked and expired counts as revoked. */
export function taskStatus(
  { lastSeenAt, revokedAt }: StoredAgentTask,
  idleTtlSeconds: TaskIdleTtlSeconds,
  now: EpochMilliseconds,
): TaskStatus {
  if (revokedAt !== null) return 'revoked';
  return idleTtlSeconds !== undefined && now - lastSeenAt >= idleTtlSeconds * 1000 ? 'expired' : 'active';
}

/** Maps a status to the wire, where an active task is `live`. */
export function toWireTaskStatus(status: TaskStatus): 'live' | 'expired' | 'revoked' {
  return status === 'active' ? 'live' : status;
}
