import {
  decodeAuditEntry,
  type LoggedAuditEntry,
  type LogReader,
  parseUnverifiedCheckpoint,
} from 'agent-identity-authority-core/log';

/** What an exported log has and an authority has not. */
export interface LostEntries {
  /** How many entries both have, from the beginning. */
  readonly kept: number;
  /** Oldest first, with their index in the exported log. */
  readonly lost: readonly (LoggedAuditEntry & { readonly index: number })[];
}

const entriesPerRead = 1024;

/**
 * Compares an exported log, which must have been verified, with that of an authority. After the restore of a backup the two are
 * the same up to the backup, and differ from there on.
 */
export async function findLostEntries(exported: LogReader, current: LogReader): Promise<LostEntries> {
  const [exportedSize, currentSize] = [await sizeOf(exported), await sizeOf(current)];
  const kept = await countCommon(exported, current, Math.min(exportedSize, currentSize));
  const lost: (LoggedAuditEntry & { index: number })[] = [];
  for (let first = kept; first < exportedSize; first += entriesPerRead) {
    const count = Math.min(entriesPerRead, exportedSize - first);
    const entries = await exported.readEntries(first, count);
    lost.push(...entries.map((entry, i) => ({ ...decodeAuditEntry(entry), index: first + i })));
  }
  return { kept, lost };
}

async function sizeOf(log: LogReader): Promise<number> {
  const checkpoint = await log.readCheckpoint();
  return checkpoint === undefined ? 0 : parseUnverifiedCheckpoint(checkpoint).size;
}

/** The first entry that differs, by bisection: after it, all differ, because each has a unique id. */
async function countCommon(one: LogReader, other: LogReader, limit: number): Promise<number> {
  let [same, differs] = [0, limit + 1];
  while (differs - same > 1) {
    const count = Math.floor((same + differs) / 2);
    const [[first], [second]] = [await one.readEntries(count - 1, 1), await other.readEntries(count - 1, 1)];
    const isSame = first !== undefined && second !== undefined && Buffer.compare(first, second) === 0;
    if (isSame) same = count;
    else differs = count;
  }
  return same;
}
