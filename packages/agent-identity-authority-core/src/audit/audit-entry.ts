import type { EpochMilliseconds } from '../instant.js';
import type { AuditDetails, LoggedAuditEntry } from '../log/audit-entry-encoding.js';

/** What an audit log entry records: an action of the authority, or one of your own with the prefix `custom_`. */
export type AuditAction =
  | 'agent_runtime_added'
  | 'agent_runtime_suspended'
  | 'agent_runtime_resumed'
  | 'agent_runtime_revoked'
  | 'agent_runtime_key_changed'
  | 'agent_task_added'
  | 'agent_task_revoked'
  | 'runtime_agent_instance_added'
  | 'enrollment_token_added'
  | 'enrollment_token_revoked'
  | 'runtime_agent_instances_suspended'
  | 'runtime_agent_instances_resumed'
  | 'runtime_agent_instances_revoked'
  | 'signing_key_added'
  | 'signing_key_retired'
  | 'signing_keys_reencrypted'
  | 'audit_entry_tampered'
  | 'audit_log_pruned'
  | `custom_${string}`;

/** The actions that the authority itself records. */
export const auditActions: readonly Exclude<AuditAction, `custom_${string}`>[] = [
  'agent_runtime_added',
  'agent_runtime_suspended',
  'agent_runtime_resumed',
  'agent_runtime_revoked',
  'agent_runtime_key_changed',
  'agent_task_added',
  'agent_task_revoked',
  'runtime_agent_instance_added',
  'enrollment_token_added',
  'enrollment_token_revoked',
  'runtime_agent_instances_suspended',
  'runtime_agent_instances_resumed',
  'runtime_agent_instances_revoked',
  'signing_key_added',
  'signing_key_retired',
  'signing_keys_reencrypted',
  'audit_entry_tampered',
  'audit_log_pruned',
];

/** Who makes a change, for the audit log. */
export interface ChangeOrigin {
  /** Such as `account:account-1/user-1`, `agent:agent-…` or `operator:alice`; `authority` for the process itself. */
  readonly actor: string;
  /** More about the change, such as a request id. **Never a secret**: it is kept forever and shown to auditors. */
  readonly details?: AuditDetails | undefined;
}

/** An entry to append to the audit log. */
export interface AuditEntryDraft extends ChangeOrigin {
  readonly at: EpochMilliseconds;
  readonly action: AuditAction;
  readonly agentRuntimeId?: string | null | undefined;
  readonly taskId?: string | null | undefined;
}

/** An entry of the audit log in its place. No store method changes or removes one. */
export interface AuditEntry extends LoggedAuditEntry {
  /** 0, 1, 2 and so on, without gaps. */
  readonly index: number;
}

/** Whether a text is an {@link AuditAction}. */
export function isAuditAction(action: unknown): action is AuditAction {
  if (typeof action !== 'string') return false;
  return auditActions.some((known) => known === action) || /^custom_[a-z_]{1,57}$/.test(action);
}
