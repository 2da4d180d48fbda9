import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import type { EpochMilliseconds } from '../instant.js';
import type { Page, PageRequest } from '../store/pagination.js';
import {
  type AuditAction,
  type AuditEntry,
  type AuditEntryDraft,
  type ChangeOrigin,
  isAuditAction,
} from './audit-entry.js';
import type { AuditRow } from './audit-row.js';

/** Which part of the audit log to list. */
export interface AuditLogQuery extends PageRequest {
  readonly agentRuntimeId?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** `oldest_first` by default. */
  readonly order?: 'oldest_first' | 'newest_first' | undefined;
}

/** The Ed25519 key that signs the checkpoints of the log, and the name of the log. */
export interface StoredAuditLogKey {
  /** The name of the log (C2SP tlog-checkpoint), unique among all logs. */
  readonly origin: string;
  /** **Secret.** Base64 of a PKCS#8 document. */
  readonly privateKey: string;
  readonly createdAt: EpochMilliseconds;
}

/** The last state of the log that was signed. */
export interface StoredCheckpoint {
  /** The number of entries. */
  readonly size: number;
  /** 32 bytes (RFC 6962 section 2.1). */
  readonly rootHash: Uint8Array;
  /** The signed note (C2SP tlog-checkpoint). */
  readonly note: string;
}

/** Signs the state of the log. */
export type SignAuditLog = (state: Pick<StoredCheckpoint, 'size' | 'rootHash'>) => string;

/** What a call of `sequenceAuditEntries` did. */
export interface SequencedEntries {
  /** How many entries got a place. */
  readonly count: number;
  /** Whether more entries were waiting than fit into one transaction. */
  readonly areMoreWaiting: boolean;
}

/** Where the log stands. */
export interface AuditLogPosition {
  /** The number of entries that have a place. */
  readonly size: number;
  /** The id of the entry that is next to get a place; `undefined` if none is waiting. */
  readonly nextWaiting: string | undefined;
}

/**
 * The audit log of an authority; see `AuthorityStore` for what holds of every method. A change and its entry commit
 * together. The entry gets its place in the log afterwards, with the next call of `sequenceAuditEntries`, so that changes
 * never wait for each other.
 */
export interface AuditStore {
  /** Appends an entry that changes nothing else in the store. */
  appendAuditEntry(entry: AuditEntryDraft): Promise<void>;

  /**
   * Gives waiting entries their places, about in the order of their changes, and signs the new state of the log, in one
   * transaction. Any number of nodes may call it: one works, and the others do nothing.
   */
  sequenceAuditEntries(sign: SignAuditLog): Promise<SequencedEntries>;

  /** Lists the entries that have a place. Entries that are added while paging newest first appear on no later page. */
  listAuditEntries(query?: AuditLogQuery): Promise<Page<AuditEntry>>;

  /** Reads rows of the log from this index on, in order; at most `limit`, and none at the end. All actions by default. */
  readAuditRows(
    firstIndex: number,
    limit: number,
    actions?: readonly AuditAction[],
  ): Promise<readonly AuditRow[]>;

  /** Where the log stands, for those that follow it. */
  auditLogPosition(): Promise<AuditLogPosition>;

  /**
   * Removes entries from the log, which keeps their hashes: export them first. An entry of the log records it, so that they
   * do not look lost.
   *
   * @param below The index of the first entry to keep; at most the size of the last checkpoint.
   * @returns how many entries were removed
   */
  pruneAuditEntries(below: number, at: EpochMilliseconds, origin?: ChangeOrigin): Promise<number>;

  /** Reads the hashes of a tile (C2SP tlog-tiles); `undefined` if there is no such tile yet. */
  readAuditTile(level: number, index: number): Promise<Uint8Array | undefined>;

  /** The last state that was signed; `undefined` before the first entry has a place. */
  auditCheckpoint(): Promise<StoredCheckpoint | undefined>;

  /** The key of the log; `undefined` before the first authority has opened the store. */
  auditLogKey(): Promise<StoredAuditLogKey | undefined>;

  /** Adds the key of the log, unless there is one. */
  addAuditLogKey(key: StoredAuditLogKey): Promise<void>;
}

/**
 * Requires that entries below this index can be removed.
 *
 * @throws AgentIdentityError `invalid_argument`
 * @example
 * ```ts
 * import { requirePrunable } from 'agent-identity-authority-core/store';
 *
 * requirePrunable(100, undefined); // throws: the log has no entries
 * ```
 */
export function requirePrunable(below: number, checkpoint: StoredCheckpoint | undefined): void {
  const { size } = checkpoint ?? { size: 0 };
  if (Number.isSafeInteger(below) && below >= 0 && below <= size) return;
  throw invalidArgument('below', `an integer from 0 to ${size}`, below);
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
