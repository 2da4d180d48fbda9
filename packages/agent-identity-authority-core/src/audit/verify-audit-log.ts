import { readAgentKey } from 'agent-identity-core';
import { requireKnownOptions } from 'agent-identity-core/http';
import { encodeStoredEntry } from '../log/audit-entry-encoding.js';
import { formatVerifierKey, type LogCheckpoint, verifyCheckpoint } from '../log/checkpoint.js';
import { emptyLogEdge, extendLog, logRootHash } from '../log/log-edge.js';
import { auditLeafHash, hashLength, isSameHash } from '../log/merkle-hash.js';
import { hashAt, tileWidth } from '../log/tiles.js';
import type { AuditRow } from './audit-row.js';
import type { AuditStore } from './audit-store.js';

/** A problem in the audit log. */
export interface AuditLogProblem {
  /**
   * - `changed`: the row is not the one that got this place.
   * - `missing`: there is no row with this index.
   * - `added`: there is a row after the end of the log, which no authority wrote.
   * - `tile_changed`: a tile of hashes does not belong to these entries.
   * - `checkpoint_changed`: the last checkpoint is missing, not signed with the key of the log, or of other entries.
   * - `rewritten`: the log has other entries than at the time of the earlier checkpoint, or fewer.
   * - `tampered_while_pending`: the entry was changed or added by someone else before it had its place.
   */
  readonly kind:
    | 'changed'
    | 'missing'
    | 'added'
    | 'tile_changed'
    | 'checkpoint_changed'
    | 'rewritten'
    | 'tampered_while_pending';
  readonly index: number;
}

/** The result of `verifyAuditLog`. */
export interface AuditLogReport {
  readonly intact: boolean;
  /** How many rows were read. */
  readonly entries: number;
  /** The last signed note of the log; undefined for an empty log. If the log is intact, keep it elsewhere. */
  readonly checkpoint: string | undefined;
  /** What checks the signed notes: `NAME+HASH+KEY`. Not secret. */
  readonly verifierKey: string | undefined;
  /** The first hundred, in order. */
  readonly problems: readonly AuditLogProblem[];
}

/** What to compare the log with. */
export interface VerifyAuditLogOptions {
  /** A checkpoint that was kept elsewhere: a signed note of the same log. */
  readonly checkpoint?: string | undefined;
}

const maxProblems = 100;
const tilesPerRead = 8;

/**
 * Reads the whole audit log and recomputes it from the rows: entries, tiles, and the signed checkpoint. Finds every row that
 * was changed, removed, added or moved. Someone who has the key of the log can write a consistent log: only a checkpoint that
 * was kept elsewhere shows that.
 *
 * @throws AgentIdentityError `invalid_checkpoint` for an earlier checkpoint of another log
 * @example
 * ```ts
 * import { memoryStore, verifyAuditLog } from 'agent-identity-authority-core';
 *
 * const { intact, checkpoint } = await verifyAuditLog(memoryStore());
 * ```
 */
export async function verifyAuditLog(
  store: AuditStore,
  options: VerifyAuditLogOptions = {},
): Promise<AuditLogReport> {
  requireKnownOptions(options, ['checkpoint'], 'options');
  const key = await store.auditLogKey();
  const verifierKey = key && formatVerifierKey(key.origin, readAgentKey(key.privateKey).publicKey);
  const earlier =
    options.checkpoint === undefined ? undefined : verifyCheckpoint(options.checkpoint, verifierKey ?? '');
  const last = await store.auditCheckpoint();
  const size = last?.size ?? 0;
  const check = new AuditLogCheck(store, size, earlier);
  const rootHash = await check.run();
  if (last !== undefined && !isSignedState(last.note, { size, rootHash }, verifierKey)) {
    check.report('checkpoint_changed', size);
  }
  await check.findAddedRows();
  const problems = check.problems.toSorted((one, other) => one.index - other.index);
  return {
    intact: problems.length === 0,
    entries: check.entries,
    checkpoint: last?.note,
    verifierKey,
    problems: problems.slice(0, maxProblems),
  };
}

function isSignedState(
  note: string,
  { size, rootHash }: Pick<LogCheckpoint, 'size' | 'rootHash'>,
  verifierKey: string | undefined,
): boolean {
  try {
    const signed = verifyCheckpoint(note, verifierKey ?? '');
    return signed.size === size && isSameHash(signed.rootHash, rootHash);
  } catch {
    return false;
  }
}

/** Compares rows with the leaf hashes in the tiles, and recomputes the tree from those. Collects problems. */
class AuditLogCheck {
  readonly problems: AuditLogProblem[] = [];
  entries = 0;
  /** How many entries are missing at the beginning, and how many of them an administrator has removed, as the log says. */
  #missingFirst = 0;
  #prunedBelow = 0;
  #edge = emptyLogEdge;
  readonly #store: AuditStore;
  readonly #size: number;
  readonly #earlier: LogCheckpoint | undefined;

  constructor(store: AuditStore, size: number, earlier: LogCheckpoint | undefined) {
    this.#store = store;
    this.#size = size;
    this.#earlier = earlier;
  }

  report(kind: AuditLogProblem['kind'], index: number): void {
    if (this.problems.length < maxProblems) this.problems.push({ kind, index });
  }

  /** Returns the root hash that the tiles lead to. */
  async run(): Promise<Uint8Array> {
    const width = tilesPerRead * tileWidth;
    const readPart = (start: number) => {
      const count = Math.min(width, this.#size - start);
      return Promise.all([this.#store.readAuditRows(start, count), this.#readLeafHashes(start, count)]);
    };
    let reading = readPart(0);
    for (let start = 0; start < this.#size; start += width) {
      const [rows, leafHashes] = await reading;
      // The database works on the next part while this one is hashed.
      if (start + width < this.#size) reading = readPart(start + width);
      // Its failure is thrown when it is awaited.
      reading.catch(() => {});
      this.#compare(rows, leafHashes, start);
      await this.#extend(leafHashes);
    }
    if (this.#missingFirst > this.#prunedBelow) this.report('missing', this.#prunedBelow);
    if (this.#earlier !== undefined && this.#earlier.size > this.#size) this.report('rewritten', this.#size);
    return logRootHash(this.#edge);
  }

  /** Rows that got their places during the check belong to the log. */
  async findAddedRows(): Promise<void> {
    const { size = 0 } = (await this.#store.auditCheckpoint()) ?? {};
    for (const { index } of await this.#store.readAuditRows(size, maxProblems)) this.report('added', index);
  }

  async #readLeafHashes(start: number, count: number): Promise<Uint8Array[]> {
    const leafHashes: Uint8Array[] = [];
    const starts = Array.from({ length: Math.ceil(count / tileWidth) }, (_, i) => start + i * tileWidth);
    const tiles = await Promise.all(starts.map((index) => this.#store.readAuditTile(0, index / tileWidth)));
    for (const [i, index] of starts.entries()) {
      const tile = tiles[i] ?? new Uint8Array();
      const width = Math.min(tileWidth, start + count - index);
      if (tile.length < width * hashLength) this.report('tile_changed', index);
      for (let position = 0; position < width; position += 1) leafHashes.push(hashAt(tile, position));
    }
    return leafHashes;
  }

  #compare(rows: readonly AuditRow[], leafHashes: readonly Uint8Array[], start: number): void {
    const byIndex = new Map(rows.map((row) => [row.index, row]));
    for (const [i, leafHash] of leafHashes.entries()) {
      const index = start + i;
      const row = byIndex.get(index);
      if (row === undefined) {
        if (this.entries === 0) this.#missingFirst = index + 1;
        else this.report('missing', index);
        continue;
      }
      this.entries += 1;
      if (!isSameHash(auditLeafHash(encodeStoredEntry(row)), leafHash)) this.report('changed', index);
      if (row.action === 'audit_log_pruned') this.#prunedBelow = Number(JSON.parse(row.detailsJson).below);
      if (row.action === 'audit_entry_tampered') this.report('tampered_while_pending', index);
    }
  }

  /** Appends leaf hashes, compares the higher tiles with the stored ones, and the root hash with the earlier checkpoint. */
  async #extend(leafHashes: readonly Uint8Array[]): Promise<void> {
    const start = this.#edge.size;
    const end = start + leafHashes.length;
    const { size, rootHash } = this.#earlier ?? { size: -1, rootHash: new Uint8Array() };
    const split = size >= start && size <= end ? size - start : 0;
    const before = extendLog(this.#edge, leafHashes.slice(0, split));
    if (size === start + split && !isSameHash(logRootHash(before.edge), rootHash))
      this.report('rewritten', size);
    const { edge, tiles } = extendLog(before.edge, leafHashes.slice(split));
    this.#edge = edge;
    for (const { level, index, hashes } of [...before.tiles, ...tiles]) {
      if (level === 0) continue;
      const stored = (await this.#store.readAuditTile(level, index)) ?? new Uint8Array();
      if (!isSameHash(stored.subarray(0, hashes.length), hashes)) {
        this.report('tile_changed', index * tileWidth ** (level + 1));
      }
    }
  }
}
