import type { EpochMilliseconds } from '../instant.js';

/** On whose behalf a store is changed, for the audit log. */
export interface ChangeOrigin {
  /** Such as `account:account-1/user-1`, `agent:agent-…`, `operator:alice`; `authority` for the process by itself. */
  readonly actor: string;
  /** More about it, such as a request id. **Never a secret**: it is kept for good and shown to auditors. */
  readonly details?: AuditDetails | undefined;
}

/** Flat facts; numbers are whole. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

/** Something to put into the audit log. */
export interface AuditEntryDraft extends ChangeOrigin {
  readonly at: EpochMilliseconds;
  /** Lower-case words joined by `_`, such as `agent_runtime_revoked`. */
  readonly action: string;
  readonly agentRuntimeId?: string | null | undefined;
  readonly taskId?: string | null | undefined;
}

/** A row of the audit log. No method of any store changes or removes one. */
export interface AuditEntry {
  /** 1, 2, 3 and so on, without a gap. */
  readonly sequence: number;
  readonly at: EpochMilliseconds;
  readonly actor: string;
  readonly action: string;
  readonly agentRuntimeId: string | null;
  readonly taskId: string | null;
  readonly details: AuditDetails;
  /** The `hash` of the row before; 64 zeros for the first. */
  readonly previousHash: string;
  /** SHA-256 over all of the above, in lower-case hex; see `auditEntryHash`. */
  readonly hash: string;
}

/**
 * Where the log ended at some time. Kept elsewhere, it later shows that nothing up to there was cut off or written anew:
 * the log itself cannot, because whoever can write all of it can also compute all of it.
 */
export interface AuditCheckpoint {
  /** 0 for an empty log. */
  readonly sequence: number;
  readonly hash: string;
}
