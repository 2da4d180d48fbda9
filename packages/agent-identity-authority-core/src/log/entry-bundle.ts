import { concatBytes } from '@noble/hashes/utils.js';
import { authorityError } from '../errors.js';

/**
 * Encodes a bundle of entries: each with its length before it, in two bytes (C2SP tlog-tiles).
 *
 * @example
 * ```ts
 * import { encodeAuditEntry, encodeEntryBundle, type LoggedAuditEntry } from 'agent-identity-authority-core/log';
 *
 * const bundleOf = (entries: LoggedAuditEntry[]) => encodeEntryBundle(entries.map(encodeAuditEntry));
 * ```
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap((entry) => [Uint8Array.of(Math.floor(entry.length / 256), entry.length % 256), entry]),
  );
}

/**
 * Decodes a bundle of entries.
 *
 * @throws AgentIdentityError `invalid_log_entry`
 * @example
 * ```ts
 * import { decodeAuditEntry, decodeEntryBundle } from 'agent-identity-authority-core/log';
 *
 * const entriesOf = (bundle: Uint8Array) => decodeEntryBundle(bundle).map(decodeAuditEntry);
 * ```
 */
export function decodeEntryBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let start = 0; start < bundle.length; ) {
    const [high = 0, low = 0] = bundle.subarray(start, start + 2);
    const end = start + 2 + high * 256 + low;
    if (end > bundle.length) {
      throw authorityError('invalid_log_entry', 'a bundle of entries ends in the middle of an entry');
    }
    entries.push(bundle.slice(start + 2, end));
    start = end;
  }
  return entries;
}
