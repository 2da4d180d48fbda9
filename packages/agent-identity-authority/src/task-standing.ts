import type { EpochMilliseconds } from './epoch.js';
import type { StoredAgentTask } from './store/stored-rows.js';

/** How long a task may be unused, if it may not be for ever. */
export type TaskIdleTtlSeconds = number | undefined;

/** Whether a task can be used at this moment. A revocation counts before an expiry. */
export function taskStanding(
  { lastSeenAt, revokedAt }: StoredAgentTask,
  idleTtlSeconds: TaskIdleTtlSeconds,
  now: EpochMilliseconds,
): 'live' | 'expired' | 'revoked' {
  if (revokedAt !== null) return 'revoked';
  return idleTtlSeconds !== undefined && now - lastSeenAt >= idleTtlSeconds * 1000 ? 'expired' : 'live';
}
