import type { ReadLogTile } from './tiles.js';

/** Reads a static log (C2SP tlog-tiles): of a store, of a folder, or over HTTP. */
export interface LogReader {
  /** The signed note; `undefined` for a log without entries. */
  readCheckpoint(): Promise<string | undefined>;
  readonly readTile: ReadLogTile;
  /** Reads encoded entries from this index on. */
  readEntries(firstIndex: number, count: number): Promise<readonly Uint8Array[]>;
}
