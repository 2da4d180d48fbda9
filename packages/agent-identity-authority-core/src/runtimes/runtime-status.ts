import { authorityError } from '../errors.js';
import type { EpochMilliseconds } from '../instant.js';
import type { RuntimeStatus, StoredAgentRuntime } from './runtime-store.js';

/** The status of a runtime at this moment. A runtime that is revoked and expired counts as revoked. */
export function runtimeStatus(
  { expiresAt, revokedAt }: StoredAgentRuntime,
  now: EpochMilliseconds,
): RuntimeStatus {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && now >= expiresAt ? 'expired' : 'active';
}

/** @throws AgentIdentityError `agent_runtime_deleted`, `agent_runtime_expired` */
export function requireActive(runtime: StoredAgentRuntime, now: EpochMilliseconds): void {
  const status = runtimeStatus(runtime, now);
  if (status === 'revoked') throw agentRuntimeDeleted();
  if (status === 'expired') throw authorityError('agent_runtime_expired', 'Agent runtime has expired.');
}

/** Clients recognize this message and stop retrying (docs/protocol.md section 11). */
export function agentRuntimeDeleted(): Error {
  return authorityError('agent_runtime_deleted', 'Agent runtime has been deleted.');
}
