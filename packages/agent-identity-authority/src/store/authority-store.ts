import type { AuditCheckpoint, AuditEntry, AuditEntryDraft, ChangeOrigin } from '../audit/audit-entry.js';
import type { AuditLogReport } from '../audit/audit-log-report.js';
import type { EpochMilliseconds } from '../epoch.js';
import type { Page, PageRequest } from './page.js';
import type { StoreChangeListener } from './store-change.js';
import type { StoredAgentRuntime, StoredAgentTask, StoredSigningKey } from './stored-rows.js';

export type { StoredAgentRuntime, StoredAgentTask, StoredSigningKey } from './stored-rows.js';

/** Which runtimes to list. */
export interface AgentRuntimeQuery extends PageRequest {
  readonly accountId?: string | undefined;
  /** As `runtimeStanding` tells it at the given time. */
  readonly standing?:
    | { readonly is: 'active' | 'revoked' | 'expired'; readonly at: EpochMilliseconds }
    | undefined;
}

/** Which part of the audit log to list. */
export interface AuditLogQuery extends PageRequest {
  readonly agentRuntimeId?: string | undefined;
  readonly action?: string | undefined;
  /** `oldest_first` by default. */
  readonly order?: 'oldest_first' | 'newest_first' | undefined;
}

/**
 * Where an authority keeps what it knows. Every method is one transaction: it takes effect as a whole or not at all,
 * also against the same method called at the same time, by this process or another. What a resolved promise
 * acknowledges is kept, and seen by every call that starts afterwards. A rejected call may have taken effect where its
 * answer was lost; doing it again does no harm.
 *
 * A method that changes something writes its row of the audit log in the same transaction; one that finds nothing to
 * change writes none. `origin` says on whose behalf; the authority's own by default.
 *
 * A store that cannot do its work rejects, with any error; callers answer 503 and never "not found". Only
 * `invalid_cursor` and `invalid_argument` are the caller's own fault.
 *
 * This package implements it; the interface grows with new minor versions.
 */
export interface AuthorityStore {
  /**
   * Adds a runtime unless its public key is known: one key has one runtime, for good, even after a revocation.
   *
   * @returns the runtime that has the key now: the given one, or the one from before, unchanged
   */
  addAgentRuntime(runtime: StoredAgentRuntime, origin?: ChangeOrigin): Promise<StoredAgentRuntime>;

  findAgentRuntime(agentRuntimeId: string): Promise<StoredAgentRuntime | undefined>;

  /** The newest first. A runtime added meanwhile is on no later page. */
  listAgentRuntimes(query?: AgentRuntimeQuery): Promise<Page<StoredAgentRuntime>>;

  /**
   * Marks a runtime as revoked. A second time changes nothing, the time of the first included.
   *
   * @returns whether there is such a runtime
   */
  revokeAgentRuntime(
    agentRuntimeId: string,
    revokedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<boolean>;

  /**
   * Adds a task, unless a task of the same runtime, registration timestamp and signature is there and not revoked:
   * clients repeat a registration byte for byte and must get the same task (docs/protocol.md section 11). A runtime may have
   * any number of tasks.
   *
   * @returns the task of that registration: the given one, or the one from before; `undefined`, and adds nothing, if
   * the runtime is not there or is revoked at the moment of the adding
   */
  addAgentTask(task: StoredAgentTask, origin?: ChangeOrigin): Promise<StoredAgentTask | undefined>;

  /** The task if it is this runtime's. */
  findAgentTask(agentRuntimeId: string, taskId: string): Promise<StoredAgentTask | undefined>;

  /** The tasks of a runtime, the newest first, revoked ones included; none for an unknown runtime. */
  listAgentTasks(agentRuntimeId: string, page?: PageRequest): Promise<Page<StoredAgentTask>>;

  /** Moves `lastSeenAt` forward, never back; nothing for an unknown task. It is not in the audit log. */
  touchAgentTask(agentRuntimeId: string, taskId: string, seenAt: EpochMilliseconds): Promise<void>;

  /**
   * Marks a task as revoked; likewise.
   *
   * @returns whether the runtime has such a task
   */
  revokeAgentTask(
    agentRuntimeId: string,
    taskId: string,
    revokedAt: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<boolean>;

  /** All signing keys, those no longer published included, the oldest first. */
  listSigningKeys(): Promise<readonly StoredSigningKey[]>;

  /** Adds a signing key if there is none at all: of several authorities that start at once, one succeeds. */
  addFirstSigningKey(key: StoredSigningKey, origin?: ChangeOrigin): Promise<void>;

  /**
   * Adds a signing key, and ends the publishing of all others at `othersPublishedUntil`, unless theirs ends sooner. The
   * others are encrypted with the current master key, if they were not.
   */
  rotateSigningKey(
    key: StoredSigningKey,
    othersPublishedUntil: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<void>;

  /**
   * Ends the publishing of an old key at `publishedUntil`, unless it ends sooner. The newest key, which has no end, is
   * `in_use`: only a rotation ends it.
   */
  retireSigningKey(
    kid: string,
    publishedUntil: EpochMilliseconds,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): Promise<'retired' | 'unknown' | 'in_use'>;

  /**
   * Encrypts the private signing keys with the master key that the store was opened with, those that were encrypted with
   * another one.
   *
   * @returns how many; always 0 in memory, where nothing is encrypted
   */
  resealSigningKeys(at: EpochMilliseconds, origin?: ChangeOrigin): Promise<number>;

  /** Puts something into the audit log that changes nothing else in the store. */
  appendAuditEntry(entry: AuditEntryDraft): Promise<AuditEntry>;

  listAuditEntries(query?: AuditLogQuery): Promise<Page<AuditEntry>>;

  /** Where the audit log ends now, to be kept elsewhere. */
  auditHead(): Promise<AuditCheckpoint>;

  /**
   * Reads the whole audit log and computes it again. It finds whatever was changed, removed or moved, rows cut off the
   * end included as long as the head was left alone. Whoever can write everything in the database can also write a
   * log that is whole: only a checkpoint from elsewhere shows that.
   */
  verifyAuditLog(checkpoint?: AuditCheckpoint): Promise<AuditLogReport>;

  /** Resolves if the store answers reads now; for readiness checks. */
  ping(): Promise<void>;

  /**
   * Tells of changes by this process at once, and by other nodes as soon as they are heard of. A node may miss some:
   * what remembers anything must also bound for how long.
   *
   * @returns ends it
   */
  subscribe(listener: StoreChangeListener): () => void;

  /** Ends what is under way, and gives back connections, files and locks. Twice is no error. */
  close(): Promise<void>;
}
