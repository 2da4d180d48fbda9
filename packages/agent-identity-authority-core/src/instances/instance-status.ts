import type { RuntimeAgentInstanceStatus } from 'agent-identity-verifier';
import type { EpochMilliseconds } from '../instant.js';
import type { StoredRuntimeAgentInstance } from './instance-store.js';

/**
 * The status of an instance. One that was not seen after `unusedSince` is expired; revoked and suspended come first.
 *
 * @example
 * ```ts
 * import type { StoredRuntimeAgentInstance } from 'agent-identity-authority-core';
 * import { instanceStatus } from 'agent-identity-authority-core/store';
 *
 * declare const instance: StoredRuntimeAgentInstance;
 * const status = instanceStatus(instance, 1_776_902_400_000);
 * ```
 */
export function instanceStatus(
  { lastSeenAt, suspendedAt, revokedAt }: StoredRuntimeAgentInstance,
  unusedSince: EpochMilliseconds,
): RuntimeAgentInstanceStatus {
  if (revokedAt !== null) return 'revoked';
  if (suspendedAt !== null) return 'suspended';
  return lastSeenAt <= unusedSince ? 'expired' : 'active';
}
