import { authorityError } from '../errors.js';
import { rootOf } from './log-edge.js';
import { nodeHash } from './merkle-hash.js';
import { hashAt, type ReadLogTile, tileWidth, tileWidthAt } from './tiles.js';

/**
 * Returns the inclusion proof of an entry: the hashes that lead from its leaf hash to the root hash (RFC 6962 section 2.1.1).
 *
 * @throws AgentIdentityError `invalid_argument` if the log has no such entry
 * @example
 * ```ts
 * import { type LogReader, proveInclusion } from 'agent-identity-authority-core/log';
 *
 * const proveFirst = (reader: LogReader, size: number) => proveInclusion(0, size, reader.readTile);
 * ```
 */
export async function proveInclusion(
  index: number,
  size: number,
  readTile: ReadLogTile,
): Promise<Uint8Array[]> {
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) {
    throw authorityError('invalid_argument', `index: expected 0 to ${size - 1}, got ${index}`);
  }
  const tree = new TileTree(size, readTile);
  const proof: Uint8Array[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + largestPowerOfTwoBelow(end - start);
    if (index < middle) {
      proof.unshift(await tree.rootOfRange(middle, end));
      end = middle;
    } else {
      proof.unshift(await tree.rootOfRange(start, middle));
      start = middle;
    }
  }
  return proof;
}

/**
 * Returns the proof that a log is the beginning of a later one (RFC 6962 section 2.1.2).
 *
 * @throws AgentIdentityError `invalid_argument` if the first size is not between 0 and the second
 * @example
 * ```ts
 * import { type LogReader, proveConsistency } from 'agent-identity-authority-core/log';
 *
 * const prove = (reader: LogReader, size: number) => proveConsistency(size, size + 1, reader.readTile);
 * ```
 */
export async function proveConsistency(
  first: number,
  second: number,
  readTile: ReadLogTile,
): Promise<Uint8Array[]> {
  if (!(Number.isSafeInteger(first) && first >= 0 && first <= second)) {
    throw authorityError('invalid_argument', `first size: expected 0 to ${second}, got ${first}`);
  }
  if (first === 0 || first === second) return [];
  const tree = new TileTree(second, readTile);
  const proof: Uint8Array[] = [];
  let [start, end] = [0, second];
  while (end !== first) {
    const middle = start + largestPowerOfTwoBelow(end - start);
    if (first <= middle) {
      proof.unshift(await tree.rootOfRange(middle, end));
      end = middle;
    } else {
      proof.unshift(await tree.rootOfRange(start, middle));
      start = middle;
    }
  }
  // Whoever checks the proof knows the root of the first log, which this is if it starts at 0.
  return start === 0 ? proof : [await tree.rootOfRange(start, end), ...proof];
}

/** The largest power of two below a number of at least 2. */
function largestPowerOfTwoBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

/** The hashes of a tree, read from its tiles. Each tile is read once. */
class TileTree {
  readonly #size: number;
  readonly #readTile: ReadLogTile;
  readonly #tiles = new Map<string, Promise<Uint8Array>>();

  constructor(size: number, readTile: ReadLogTile) {
    this.#size = size;
    this.#readTile = readTile;
  }

  /** The root of a range that starts at a multiple of the largest power of two in it. */
  async rootOfRange(start: number, end: number): Promise<Uint8Array> {
    const width = end - start;
    if (Number.isInteger(Math.log2(width))) return this.#rootOfPerfect(start, width);
    const middle = start + largestPowerOfTwoBelow(width);
    return nodeHash(await this.rootOfRange(start, middle), await this.rootOfRange(middle, end));
  }

  async #rootOfPerfect(start: number, width: number): Promise<Uint8Array> {
    const level = Math.floor(Math.log2(width) / 8);
    const unit = tileWidth ** level;
    const [first, count] = [start / unit, width / unit];
    const tile = await this.#tile(level, Math.floor(first / tileWidth));
    const position = first % tileWidth;
    return rootOf(Array.from({ length: count }, (_, i) => hashAt(tile, position + i)));
  }

  #tile(level: number, index: number): Promise<Uint8Array> {
    const key = `${level}/${index}`;
    const known = this.#tiles.get(key);
    if (known !== undefined) return known;
    const tile = this.#readTile(level, index, tileWidthAt(this.#size, level, index));
    this.#tiles.set(key, tile);
    return tile;
  }
}
