import { hashLength } from './merkle-hash.js';

/** How many hashes a full tile has, and how many entries a full bundle has (C2SP tlog-tiles). */
export const tileWidth = 256;

/**
 * A tile of hashes. At level 0 they are leaf hashes; a hash of a higher level is the root of the full tile with its number,
 * one level below.
 */
export interface LogTile {
  readonly level: number;
  /** Which tile of its level, from 0. */
  readonly index: number;
  /** 1 to 256 hashes, one after the other. Fewer than 256 only at the right edge. */
  readonly hashes: Uint8Array;
}

/**
 * Reads the hashes of a tile. A tile that has grown since may have more hashes than `width`, which is how many hashes the tile
 * has in the tree that is asked for.
 */
export type ReadLogTile = (level: number, index: number, width: number) => Promise<Uint8Array>;

/** The hash with this number within a tile. */
export function hashAt(hashes: Uint8Array, position: number): Uint8Array {
  return hashes.subarray(position * hashLength, (position + 1) * hashLength);
}

/** How many hashes this tile has in a tree with so many leaves. 0 if the tree is too small. */
export function tileWidthAt(size: number, level: number, index: number): number {
  const hashesOfLevel = Math.floor(size / tileWidth ** level);
  return Math.max(0, Math.min(tileWidth, hashesOfLevel - index * tileWidth));
}

/**
 * Returns the path of a tile, or of a bundle of entries, below the prefix of the log: `tile/0/x001/x234/067.p/8`
 * (C2SP tlog-tiles).
 *
 * @param width Below 256 for a partial tile.
 * @example
 * ```ts
 * import { logTilePath } from 'agent-identity-authority-core/log';
 *
 * logTilePath('entries', 1234067, 8); // 'tile/entries/x001/x234/067.p/8'
 * ```
 */
export function logTilePath(level: number | 'entries', index: number, width: number = tileWidth): string {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(String(rest % 1000).padStart(3, '0'));
  }
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${number}${width < tileWidth ? `.p/${width}` : ''}`;
}
