import { authorityError } from '../errors.js';
import { isSameHash, nodeHash } from './merkle-hash.js';

/** What an inclusion proof shows. */
export interface InclusionClaim {
  /** The hash of the entry; see `auditLeafHash`. */
  readonly leafHash: Uint8Array;
  /** The index of the entry, from 0. */
  readonly index: number;
  /** The size and the root hash of a checkpoint whose signature was verified. */
  readonly checkpoint: { readonly size: number; readonly rootHash: Uint8Array };
  readonly proof: readonly Uint8Array[];
}

/**
 * Checks that a log contains an entry at an index (RFC 9162 section 2.1.3.2). Needs nothing but the checkpoint.
 *
 * @throws AgentIdentityError `invalid_log_proof`
 * @example
 * ```ts
 * import { type InclusionClaim, verifyCheckpoint, verifyInclusion } from 'agent-identity-authority-core/log';
 *
 * function requireInclusion(note: string, verifierKey: string, claim: Omit<InclusionClaim, 'checkpoint'>): void {
 *   verifyInclusion({ ...claim, checkpoint: verifyCheckpoint(note, verifierKey) });
 * }
 * ```
 */
export function verifyInclusion({ leafHash, index, checkpoint, proof }: InclusionClaim): void {
  const { size, rootHash } = checkpoint;
  if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) {
    throw invalidProof(`a log of ${size} entries has no entry ${index}`);
  }
  const path = new ProofPath(index, size - 1);
  let hash = leafHash;
  for (const sibling of proof) {
    hash = path.siblingSide() === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
  }
  path.requireEnd();
  requireRoot(hash, rootHash);
}

/** What a consistency proof shows: the first log is the beginning of the second. */
export interface ConsistencyClaim {
  /** The size and the root hash of an earlier checkpoint. */
  readonly first: { readonly size: number; readonly rootHash: Uint8Array };
  /** The size and the root hash of a later one. */
  readonly second: { readonly size: number; readonly rootHash: Uint8Array };
  readonly proof: readonly Uint8Array[];
}

/**
 * Checks that nothing of an earlier log was changed or removed in a later one (RFC 9162 section 2.1.4.2).
 *
 * @throws AgentIdentityError `invalid_log_proof`
 * @example
 * ```ts
 * import { verifyCheckpoint, verifyConsistency } from 'agent-identity-authority-core/log';
 *
 * function requireConsistent(earlier: string, later: string, verifierKey: string, proof: Uint8Array[]): void {
 *   const [first, second] = [verifyCheckpoint(earlier, verifierKey), verifyCheckpoint(later, verifierKey)];
 *   verifyConsistency({ first, second, proof });
 * }
 * ```
 */
export function verifyConsistency({ first, second, proof }: ConsistencyClaim): void {
  if (first.size > second.size) throw invalidProof('the first log has more entries than the second');
  if (first.size === second.size) requireRoot(first.rootHash, second.rootHash);
  if (first.size === second.size || first.size === 0) {
    if (proof.length > 0) throw invalidProof('it is too long');
    return;
  }
  const [start, ...siblings] = isPowerOfTwo(first.size) ? [first.rootHash, ...proof] : proof;
  if (start === undefined) throw invalidProof('it is too short');
  const path = new ProofPath(first.size - 1, second.size - 1);
  path.skipOdd();
  let [firstHash, secondHash] = [start, start];
  for (const sibling of siblings) {
    if (path.siblingSide() === 'left') {
      firstHash = nodeHash(sibling, firstHash);
      secondHash = nodeHash(sibling, secondHash);
    } else {
      secondHash = nodeHash(secondHash, sibling);
    }
  }
  path.requireEnd();
  requireRoot(firstHash, first.rootHash);
  requireRoot(secondHash, second.rootHash);
}

/** The way from a node to the root, in a tree whose last node of the same level is given. */
class ProofPath {
  #node: number;
  #last: number;

  constructor(node: number, last: number) {
    this.#node = node;
    this.#last = last;
  }

  /** Goes up while the node is a right child. */
  skipOdd(): void {
    while (isOdd(this.#node)) this.#goUp();
  }

  /** Goes up by one hash of the proof, and returns on which side that hash is. */
  siblingSide(): 'left' | 'right' {
    if (this.#last === 0) throw invalidProof('it is too long');
    const isRightChild = isOdd(this.#node) || this.#node === this.#last;
    // The last node of a level has no sibling where its number is even.
    while (isRightChild && !isOdd(this.#node) && this.#node !== 0) this.#goUp();
    this.#goUp();
    return isRightChild ? 'left' : 'right';
  }

  requireEnd(): void {
    if (this.#last !== 0) throw invalidProof('it is too short');
  }

  /** Sizes may exceed 32 bits, so no bit operators. */
  #goUp(): void {
    this.#node = Math.floor(this.#node / 2);
    this.#last = Math.floor(this.#last / 2);
  }
}

const isOdd = (value: number) => value % 2 === 1;
const isPowerOfTwo = (value: number) => Number.isInteger(Math.log2(value));

function requireRoot(hash: Uint8Array, rootHash: Uint8Array): void {
  if (!isSameHash(hash, rootHash)) throw invalidProof('it does not lead to the root hash');
}

function invalidProof(reason: string): Error {
  return authorityError('invalid_log_proof', `the proof is not valid: ${reason}`);
}
