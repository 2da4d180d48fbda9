import { authorityError } from '../errors.js';
import type { EpochMilliseconds } from '../instant.js';
import type { RuntimeStatus, StoredAgentRuntime } from './runtime-store.js';

/**
 * The status of a runtime at this moment: revoked before expired before suspended.
 *
 * @example
 * ```ts
 * import { runtimeStatus } from 'agent-identity-authority-core/store';
 *
 * runtimeStatus({ expiresAt: null, suspendedAt: null, revokedAt: 5 }, 10); // 'revoked'
 * ```
 */
export function runtimeStatus(
  { expiresAt, suspendedAt, revokedAt }: Pick<StoredAgentRuntime, 'expiresAt' | 'suspendedAt' | 'revokedAt'>,
  now: EpochMilliseconds,
): RuntimeStatus {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt !== null && now >= expiresAt) return 'expired';
  return suspendedAt === null ? 'active' : 'suspended';
}

/** @throws AgentIdentityError `agent_runtime_deleted`, `agent_runtime_expired`, `agent_runtime_suspended` */
export function requireActive(runtime: StoredAgentRuntime, now: EpochMilliseconds): void {
  const status = runtimeStatus(runtime, now);
  if (status === 'revoked') throw agentRuntimeDeleted();
  if (status === 'expired') throw authorityError('agent_runtime_expired', 'Agent runtime has expired.');
  if (status === 'suspended') throw authorityError('agent_runtime_suspended', 'Agent runtime is suspended.');
}

/** Clients recognize this message and stop retrying (docs/protocol.md section 11). */
export function agentRuntimeDeleted(): Error {
  return authorityError('agent_runtime_deleted', 'Agent runtime has been deleted.');
}
