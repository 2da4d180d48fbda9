import type { AuditCheckpoint } from './audit-entry.js';
import { type AuditRow, auditRowHash, genesisHash } from './audit-entry-hash.js';
import type { AuditLogProblem, AuditLogReport } from './audit-store.js';

/** Reads an audit log. */
export interface AuditRowSource {
  head(): Promise<AuditCheckpoint>;
  /** The next rows after this number, in order; the first rows if it is undefined. Empty at the end. */
  rowsAfter(sequence: number | undefined): Promise<readonly AuditRow[]>;
}

const maxProblems = 100;

/**
 * Reads a whole log and recomputes its hashes. Rows added in the meantime are included, and compared with the final head.
 *
 * @example
 * ```ts
 * import { type AuditRow, verifyAuditRows } from 'agent-identity-authority-core/store';
 *
 * declare const rows: readonly AuditRow[];
 * const { sequence = 0, hash = '0'.repeat(64) } = rows.at(-1) ?? {};
 * const { intact } = await verifyAuditRows({
 *   head: async () => ({ sequence, hash }),
 *   rowsAfter: async (last = 0) => rows.slice(last),
 * });
 * ```
 */
export async function verifyAuditRows(
  source: AuditRowSource,
  checkpoint: AuditCheckpoint = { sequence: 0, hash: genesisHash },
): Promise<AuditLogReport> {
  const head = await source.head();
  const walk = new AuditWalk([checkpoint, head]);
  for (;;) {
    const rows = await source.rowsAfter(walk.last);
    if (rows.length === 0) break;
    for (const row of rows) walk.step(row);
  }
  walk.end(await source.head());
  const problems = walk.problems.toSorted((one, other) => one.sequence - other.sequence);
  return {
    intact: problems.length === 0,
    entries: walk.entries,
    head,
    problems: problems.slice(0, maxProblems),
  };
}

/** Checks the rows in order and collects problems. */
class AuditWalk {
  readonly problems: AuditLogProblem[] = [];
  entries = 0;
  last: number | undefined;
  #expected = 1;
  #previousHash = genesisHash;
  readonly #checkpoints: readonly AuditCheckpoint[];

  constructor(checkpoints: readonly AuditCheckpoint[]) {
    this.#checkpoints = checkpoints;
  }

  step(row: AuditRow): void {
    this.entries += 1;
    if (row.sequence > this.#expected) this.#addMissing(row.sequence);
    else if (row.sequence < this.#expected || row.previousHash !== this.#previousHash) {
      this.#add('misplaced', row.sequence);
    }
    if (auditRowHash(row) !== row.hash) this.#add('changed', row.sequence);
    if (this.#checkpoints.some(({ sequence, hash }) => sequence === row.sequence && hash !== row.hash)) {
      this.#add('rewritten', row.sequence);
    }
    this.#previousHash = row.hash;
    this.#expected = row.sequence + 1;
    this.last = row.sequence;
  }

  end(head: AuditCheckpoint): void {
    const last = this.#expected - 1;
    if (last > head.sequence) this.#add('beyond_head', head.sequence + 1);
    for (const { sequence } of this.#checkpoints) {
      if (last >= sequence) continue;
      this.#add('cut_off', last + 1);
      return;
    }
  }

  #addMissing(next: number): void {
    const end = Math.min(next, this.#expected + maxProblems);
    for (let sequence = this.#expected; sequence < end; sequence += 1) this.#add('missing', sequence);
  }

  #add(kind: AuditLogProblem['kind'], sequence: number): void {
    if (this.problems.length < maxProblems) this.problems.push({ kind, sequence });
  }
}
