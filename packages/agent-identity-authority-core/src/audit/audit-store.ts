import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import type { Page, PageRequest } from '../store/pagination.js';
import {
  type AuditAction,
  type AuditCheckpoint,
  type AuditEntry,
  type AuditEntryDraft,
  isAuditAction,
} from './audit-entry.js';

/** Which part of the audit log to list. */
export interface AuditLogQuery extends PageRequest {
  readonly agentRuntimeId?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** `oldest_first` by default. */
  readonly order?: 'oldest_first' | 'newest_first' | undefined;
}

/** A problem in the audit log. */
export interface AuditLogProblem {
  /**
   * - `changed`: the row's hash does not match its content.
   * - `missing`: there is no row with this number.
   * - `misplaced`: the row does not follow its predecessor: one of the two was replaced or moved.
   * - `cut_off`: the log ends before its head, or before the checkpoint.
   * - `beyond_head`: there is a row after the head, which no authority wrote.
   * - `rewritten`: the checkpoint has another hash than the row with its number.
   */
  readonly kind: 'changed' | 'missing' | 'misplaced' | 'cut_off' | 'beyond_head' | 'rewritten';
  readonly sequence: number;
}

/** The result of `verifyAuditLog`. */
export interface AuditLogReport {
  readonly intact: boolean;
  /** How many rows were read. */
  readonly entries: number;
  /** The head of the log. If the log is intact, keep it elsewhere as the next verification's checkpoint. */
  readonly head: AuditCheckpoint;
  /** The first hundred, in order. */
  readonly problems: readonly AuditLogProblem[];
}

/** The audit log of an authority; see `AuthorityStore` for what holds of every method. */
export interface AuditStore {
  /** Appends an entry that changes nothing else in the store. */
  appendAuditEntry(entry: AuditEntryDraft): Promise<AuditEntry>;

  /** Rows that are appended while paging newest first appear on no later page. */
  listAuditEntries(query?: AuditLogQuery): Promise<Page<AuditEntry>>;

  /** The current end of the audit log. Keep it elsewhere as a checkpoint. */
  auditHead(): Promise<AuditCheckpoint>;

  /**
   * Reads the whole audit log and recomputes its hashes. Finds every row that was changed, removed or moved, and rows cut
   * off the end if the head was left alone. Someone who can write the whole database can also write a consistent log:
   * only a checkpoint that was kept elsewhere shows that.
   */
  verifyAuditLog(checkpoint?: AuditCheckpoint): Promise<AuditLogReport>;
}

/**
 * Refuses unknown members and actions: a mistyped filter must not look like an empty log.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requireAuditLogQuery } from 'agent-identity-authority-core/store';
 *
 * requireAuditLogQuery({ action: 'agent_runtime_revoked', order: 'newest_first' });
 * ```
 */
export function requireAuditLogQuery(query: AuditLogQuery): void {
  requireKnownOptions(query, ['agentRuntimeId', 'action', 'order', 'cursor', 'limit'], 'query');
  const { action, order } = query;
  if (action !== undefined && !isAuditAction(action)) {
    throw invalidArgument('query.action', 'an action of the authority, or custom_…', action);
  }
  if (order !== undefined && order !== 'oldest_first' && order !== 'newest_first') {
    throw invalidArgument('query.order', 'oldest_first or newest_first', order);
  }
}
