import type { AuditCheckpoint } from './audit-entry.js';

/** What is wrong with the audit log, and where. */
export interface AuditLogProblem {
  /**
   * - `changed`: the row does not have the hash of what it says.
   * - `missing`: there is no row of this number.
   * - `misplaced`: the row does not follow on the one before it: that one was replaced, or this one moved here.
   * - `cut_off`: the log ends before its own head, or before the checkpoint.
   * - `beyond_head`: there is a row after the head, which no authority wrote.
   * - `rewritten`: the row of the checkpoint's number has another hash than the checkpoint.
   */
  readonly kind: 'changed' | 'missing' | 'misplaced' | 'cut_off' | 'beyond_head' | 'rewritten';
  readonly sequence: number;
}

/** What `verifyAuditLog` found. */
export interface AuditLogReport {
  readonly intact: boolean;
  /** How many rows were read. */
  readonly entries: number;
  /** The head of the log, to be kept elsewhere as the checkpoint of the next verification if the log is intact. */
  readonly head: AuditCheckpoint;
  /** The first hundred, in order. */
  readonly problems: readonly AuditLogProblem[];
}
