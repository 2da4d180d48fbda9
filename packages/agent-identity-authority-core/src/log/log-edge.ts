import { concatBytes } from '@noble/hashes/utils.js';
import { emptyRootHash, nodeHash } from './merkle-hash.js';
import { hashAt, type LogTile, type ReadLogTile, tileWidth, tileWidthAt } from './tiles.js';

/** What one must know of a log to append to it: its partial tiles. */
export interface LogEdge {
  /** The number of entries. */
  readonly size: number;
  /** The hashes of the partial tile of each level; empty where the level ends with a full tile. */
  readonly partialTiles: readonly (readonly Uint8Array[])[];
}

/** The edge of a log without entries. */
export const emptyLogEdge: LogEdge = { size: 0, partialTiles: [] };

/**
 * Reads the edge of a log with so many entries.
 *
 * @example
 * ```ts
 * import { readLogEdge, storeLogReader } from 'agent-identity-authority-core/store';
 * import { memoryStore } from 'agent-identity-authority-core';
 *
 * const edge = await readLogEdge(0, storeLogReader(memoryStore()).readTile); // the edge of an empty log
 * ```
 */
export async function readLogEdge(size: number, readTile: ReadLogTile): Promise<LogEdge> {
  const partialTiles: Uint8Array[][] = [];
  for (let level = 0; tileWidth ** level <= size; level += 1) {
    const index = Math.floor(size / tileWidth ** (level + 1));
    const width = tileWidthAt(size, level, index);
    const hashes = width === 0 ? new Uint8Array() : await readTile(level, index, width);
    partialTiles.push(Array.from({ length: width }, (_, i) => hashAt(hashes, i)));
  }
  return { size, partialTiles };
}

/** Appends leaf hashes. Returns the new edge, and the tiles that are new or have grown. */
export function extendLog(
  edge: LogEdge,
  leafHashes: readonly Uint8Array[],
): { readonly edge: LogEdge; readonly tiles: readonly LogTile[] } {
  const tiles: LogTile[] = [];
  const partialTiles = edge.partialTiles.map((hashes) => [...hashes]);
  const touched = new Set<number>();
  const append = (level: number, index: number, hash: Uint8Array) => {
    partialTiles[level] ??= [];
    const hashes = partialTiles[level];
    hashes.push(hash);
    touched.add(level);
    if (hashes.length < tileWidth) return;
    const tileIndex = Math.floor(index / tileWidth);
    tiles.push({ level, index: tileIndex, hashes: concatBytes(...hashes) });
    partialTiles[level] = [];
    append(level + 1, tileIndex, rootOf(hashes));
  };
  for (const [i, hash] of leafHashes.entries()) append(0, edge.size + i, hash);
  const size = edge.size + leafHashes.length;
  for (const level of touched) {
    const hashes = partialTiles[level] ?? [];
    if (hashes.length === 0) continue;
    tiles.push({ level, index: Math.floor(size / tileWidth ** (level + 1)), hashes: concatBytes(...hashes) });
  }
  return { edge: { size, partialTiles }, tiles };
}

/** Returns the root hash of the log (RFC 6962 section 2.1). */
export function logRootHash({ partialTiles }: LogEdge): Uint8Array {
  let root: Uint8Array | undefined;
  for (const hashes of partialTiles) {
    for (const subtree of perfectSubtrees(hashes).reverse()) {
      root = root === undefined ? subtree : nodeHash(subtree, root);
    }
  }
  return root ?? emptyRootHash;
}

/** The roots of the largest perfect subtrees over the hashes, from left to right. */
function perfectSubtrees(hashes: readonly Uint8Array[]): Uint8Array[] {
  const roots: Uint8Array[] = [];
  for (let start = 0, width = tileWidth; width >= 1; width /= 2) {
    if (start + width > hashes.length) continue;
    roots.push(rootOf(hashes.slice(start, start + width)));
    start += width;
  }
  return roots;
}

/** The root over a number of hashes that is a power of two. */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  while (level.length > 1) {
    const parents: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) {
      parents.push(nodeHash(level[i] ?? emptyRootHash, level[i + 1] ?? emptyRootHash));
    }
    level = parents;
  }
  return level[0] ?? emptyRootHash;
}
