import type { EpochMilliseconds } from './epoch.js';
import { authorityError } from './errors.js';
import type { StoredAgentRuntime } from './store/stored-rows.js';

/** Whether a runtime may act at this moment. A revocation counts before an expiry. */
export function runtimeStanding(
  { expiresAt, revokedAt }: StoredAgentRuntime,
  now: EpochMilliseconds,
): 'active' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && now >= expiresAt ? 'expired' : 'active';
}

/** @throws AgentIdentityError `agent_runtime_deleted`, `agent_runtime_expired` */
export function requireActive(runtime: StoredAgentRuntime, now: EpochMilliseconds): void {
  const standing = runtimeStanding(runtime, now);
  if (standing === 'revoked') throw agentRuntimeDeleted();
  if (standing === 'expired') throw authorityError('agent_runtime_expired', 'Agent runtime has expired.');
}

/** Clients know this message and stop for good (docs/protocol.md section 11). */
export function agentRuntimeDeleted(): Error {
  return authorityError('agent_runtime_deleted', 'Agent runtime has been deleted.');
}
