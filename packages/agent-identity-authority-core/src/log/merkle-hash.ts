import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';

/** The length of every hash of the log, in bytes. */
export const hashLength = 32;

/** The root hash of a log without entries (RFC 6962 section 2.1). */
export const emptyRootHash: Uint8Array = sha256(new Uint8Array());

/**
 * Returns the leaf hash of an encoded entry: SHA-256 of a zero byte and the entry (RFC 6962 section 2.1).
 *
 * @example
 * ```ts
 * import { auditLeafHash, encodeAuditEntry, type LoggedAuditEntry } from 'agent-identity-authority-core/log';
 *
 * const leafHashOf = (entry: LoggedAuditEntry): Uint8Array => auditLeafHash(encodeAuditEntry(entry));
 * ```
 */
export function auditLeafHash(encodedEntry: Uint8Array): Uint8Array {
  return sha256(concatBytes(leafPrefix, encodedEntry));
}

/** Returns the hash of a node with these children (RFC 6962 section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * hashLength);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + hashLength);
  return sha256(input);
}

/** Whether two hashes are equal. Hashes of a log are public, so the time that it takes reveals nothing. */
export function isSameHash(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

const leafPrefix = Uint8Array.of(0);
