import type { EpochMilliseconds } from '../instant.js';

/** What an audit log entry records: an action of the authority, or one of your own with the prefix `custom_`. */
export type AuditAction =
  | 'agent_runtime_added'
  | 'agent_runtime_revoked'
  | 'agent_task_added'
  | 'agent_task_revoked'
  | 'runtime_agent_instance_added'
  | 'runtime_agent_instances_suspended'
  | 'runtime_agent_instances_resumed'
  | 'runtime_agent_instances_revoked'
  | 'signing_key_added'
  | 'signing_key_retired'
  | 'signing_keys_reencrypted'
  | `custom_${string}`;

/** The actions that the authority itself records. */
export const auditActions: readonly Exclude<AuditAction, `custom_${string}`>[] = [
  'agent_runtime_added',
  'agent_runtime_revoked',
  'agent_task_added',
  'agent_task_revoked',
  'runtime_agent_instance_added',
  'runtime_agent_instances_suspended',
  'runtime_agent_instances_resumed',
  'runtime_agent_instances_revoked',
  'signing_key_added',
  'signing_key_retired',
  'signing_keys_reencrypted',
];

/** Who makes a change, for the audit log. */
export interface ChangeOrigin {
  /** Such as `account:account-1/user-1`, `agent:agent-…` or `operator:alice`; `authority` for the process itself. */
  readonly actor: string;
  /** More about the change, such as a request id. **Never a secret**: it is kept forever and shown to auditors. */
  readonly details?: AuditDetails | undefined;
}

/** Flat facts; numbers are integers. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

/** An entry to append to the audit log. */
export interface AuditEntryDraft extends ChangeOrigin {
  readonly at: EpochMilliseconds;
  readonly action: AuditAction;
  readonly agentRuntimeId?: string | null | undefined;
  readonly taskId?: string | null | undefined;
}

/** A row of the audit log. No store method changes or removes one. */
export interface AuditEntry {
  /** 1, 2, 3 and so on, without gaps. */
  readonly sequence: number;
  readonly at: EpochMilliseconds;
  readonly actor: string;
  readonly action: string;
  readonly agentRuntimeId: string | null;
  readonly taskId: string | null;
  readonly details: AuditDetails;
  /** The `hash` of the previous row; 64 zeros for the first. */
  readonly previousHash: string;
  /** SHA-256 over all of the above, in lower-case hex; see `auditEntryHash`. */
  readonly hash: string;
}

/**
 * The end of the log at some time. Kept elsewhere, it later shows whether rows up to it were cut off or rewritten. The log
 * alone cannot show that: someone who can write all of it can also recompute its hashes.
 */
export interface AuditCheckpoint {
  /** 0 for an empty log. */
  readonly sequence: number;
  readonly hash: string;
}

/** Whether a text is an {@link AuditAction}. */
export function isAuditAction(action: unknown): action is AuditAction {
  if (typeof action !== 'string') return false;
  return auditActions.some((known) => known === action) || /^custom_[a-z_]{1,57}$/.test(action);
}
