import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type LogTile,
  proveConsistency,
  proveInclusion,
  type ReadLogTile,
  verifyConsistency,
  verifyInclusion,
} from '../../src/log/index.js';
import { emptyLogEdge, extendLog, type LogEdge, logRootHash, readLogEdge } from '../../src/log/log-edge.js';
import { auditLeafHash } from '../../src/log/merkle-hash.js';

// The definitions of RFC 6962 section 2.1, as they stand there, to compare with.
const sha256 = (...parts: readonly (Uint8Array | string)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};
const split = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);

function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return first;
  const k = split(leaves.length);
  return sha256('\u0001', rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)));
}

const leafOf = (i: number) => auditLeafHash(new TextEncoder().encode(`entry ${i}`));

/** Grows a log in steps of these sizes, and keeps its tiles. */
function grow(steps: readonly number[]) {
  const tiles = new Map<string, Uint8Array>();
  let edge: LogEdge = emptyLogEdge;
  const keep = ({ level, index, hashes }: LogTile) => tiles.set(`${level}/${index}`, hashes);
  for (const step of steps) {
    const leaves = Array.from({ length: step }, (_, i) => leafOf(edge.size + i));
    const extended = extendLog(edge, leaves);
    extended.tiles.map(keep);
    edge = extended.edge;
  }
  const readTile: ReadLogTile = async (level, index, width) => {
    const hashes = tiles.get(`${level}/${index}`);
    if (hashes === undefined || hashes.length < width * 32) throw new Error(`no tile ${level}/${index}`);
    return hashes;
  };
  return { edge, readTile, rootHash: logRootHash(edge), tiles };
}

describe('a log', () => {
  it('hashes a leaf like the first of the test vectors of Certificate Transparency', () => {
    expect(Buffer.from(auditLeafHash(new Uint8Array())).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  it('has the root hash of RFC 6962 at every size, whatever the steps in which it grew', () => {
    const leaves = Array.from({ length: 700 }, (_, i) => leafOf(i));
    for (let size = 0; size <= 700; size += size < 300 ? 1 : 13) {
      const expected = rootOf(leaves.slice(0, size));
      expect(grow([size]).rootHash, `${size}`).toEqual(expected);
      expect(grow([Math.floor(size / 3), size - Math.floor(size / 3)]).rootHash, `${size}`).toEqual(expected);
    }
  });

  it.each([0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_600])(
    'goes on from its tiles at %i entries',
    async (size) => {
      const { edge, readTile } = grow([size]);
      const { size: readSize, partialTiles } = await readLogEdge(size, readTile);
      const isEmpty = (hashes: readonly Uint8Array[]) => hashes.length === 0;
      expect(readSize).toBe(size);
      const trimmed = (tiles: LogEdge['partialTiles']) =>
        tiles.map((hashes) => (isEmpty(hashes) ? [] : hashes));
      expect(trimmed(partialTiles)).toEqual(trimmed(edge.partialTiles));
    },
  );
});

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 255, 256, 257, 300, 511, 513, 700];

describe('an inclusion proof', () => {
  it('leads from each entry to the root at many sizes, and is refused for another entry, size, hash or length', async () => {
    for (const size of sizes) {
      const { readTile, rootHash } = grow([size]);
      for (const index of new Set(
        [0, 1, Math.floor(size / 2), size - 2, size - 1].filter((i) => i >= 0 && i < size),
      )) {
        const proof = await proveInclusion(index, size, readTile);
        const claim = { leafHash: leafOf(index), index, checkpoint: { size, rootHash }, proof };
        verifyInclusion(claim);
        const refused = { code: 'invalid_log_proof' };
        expect(() => verifyInclusion({ ...claim, leafHash: leafOf(size) })).toThrow(
          expect.objectContaining(refused),
        );
        expect(() => verifyInclusion({ ...claim, index: index + 1 })).toThrow(
          expect.objectContaining(refused),
        );
        expect(() => verifyInclusion({ ...claim, proof: [...proof, rootHash] })).toThrow(
          expect.objectContaining(refused),
        );
        if (proof.length === 0) continue;
        expect(() => verifyInclusion({ ...claim, proof: proof.slice(1) })).toThrow(
          expect.objectContaining(refused),
        );
        expect(() => verifyInclusion({ ...claim, proof: proof.with(0, rootHash) })).toThrow(
          expect.objectContaining(refused),
        );
      }
    }
  });

  it('is refused for an index outside the log', async () => {
    const { readTile } = grow([5]);
    for (const index of [-1, 5, 1.5]) {
      await expect(proveInclusion(index, 5, readTile)).rejects.toMatchObject({ code: 'invalid_argument' });
    }
  });
});

describe('a consistency proof', () => {
  it('shows that a log is the beginning of a later one, and is refused for any other', async () => {
    const { readTile } = grow([700]);
    const roots = new Map(sizes.map((size) => [size, grow([size]).rootHash]));
    for (const first of sizes) {
      for (const second of sizes.filter((size) => size >= first)) {
        const proof = await proveConsistency(first, second, readTile);
        const at = (size: number) => ({ size, rootHash: roots.get(size) ?? expect.fail() });
        const claim = { first: at(first), second: at(second), proof };
        verifyConsistency(claim);
        const refused = expect.objectContaining({ code: 'invalid_log_proof' });
        const otherRoot = { size: first, rootHash: leafOf(first) };
        expect(() => verifyConsistency({ ...claim, first: otherRoot })).toThrow(refused);
        expect(() => verifyConsistency({ ...claim, second: { size: second, rootHash: leafOf(1) } })).toThrow(
          refused,
        );
        expect(() => verifyConsistency({ ...claim, proof: [...proof, leafOf(3)] })).toThrow(refused);
        if (proof.length > 0)
          expect(() => verifyConsistency({ ...claim, proof: proof.slice(1) })).toThrow(refused);
        if (first < second) {
          expect(() => verifyConsistency({ ...claim, first: claim.second, second: claim.first })).toThrow(
            refused,
          );
        }
      }
    }
  });
});
