import { authorityError } from '../errors.js';
import { type LogCheckpoint, verifyCheckpoint } from './checkpoint.js';
import { emptyLogEdge, extendLog, logRootHash } from './log-edge.js';
import type { LogReader } from './log-reader.js';
import { auditLeafHash, isSameHash } from './merkle-hash.js';

/** What to check a log with. */
export interface VerifyLogOptions {
  /** `NAME+HASH+KEY` of the log, from a source that you trust. */
  readonly verifierKey: string;
  /** A checkpoint that was kept elsewhere: the log must begin with its entries. */
  readonly earlierCheckpoint?: string | undefined;
}

/**
 * Reads all entries of a static log, such as an exported one, and checks them against its checkpoint. Needs no authority.
 *
 * @returns the checkpoint
 * @throws AgentIdentityError `invalid_checkpoint`, `invalid_verifier_key`; `invalid_log_proof` if the entries are not those of
 * the checkpoint
 * @example
 * ```ts
 * import { type LogReader, verifyLog } from 'agent-identity-authority-core/log';
 *
 * async function countEntries(reader: LogReader, verifierKey: string): Promise<number> {
 *   const { size } = await verifyLog(reader, { verifierKey });
 *   return size;
 * }
 * ```
 */
export async function verifyLog(
  reader: LogReader,
  { verifierKey, earlierCheckpoint }: VerifyLogOptions,
): Promise<LogCheckpoint> {
  const checkpoint = verifyCheckpoint((await reader.readCheckpoint()) ?? '', verifierKey);
  const earlier =
    earlierCheckpoint === undefined ? undefined : verifyCheckpoint(earlierCheckpoint, verifierKey);
  if (earlier !== undefined && earlier.size > checkpoint.size) {
    throw authorityError('invalid_log_proof', 'the log has fewer entries than the earlier checkpoint');
  }
  let edge = emptyLogEdge;
  for (const target of [earlier ?? { size: 0, rootHash: logRootHash(edge) }, checkpoint]) {
    while (edge.size < target.size) {
      // A multiple of a bundle, so that each is read once.
      const count = Math.min(2048 - (edge.size % 256), target.size - edge.size);
      const entries = await reader.readEntries(edge.size, count);
      if (entries.length !== count)
        throw authorityError('invalid_log_proof', `the log has lost entries after ${edge.size}`);
      ({ edge } = extendLog(edge, entries.map(auditLeafHash)));
    }
    if (!isSameHash(logRootHash(edge), target.rootHash)) {
      throw authorityError(
        'invalid_log_proof',
        `the first ${target.size} entries are not those of the checkpoint`,
      );
    }
  }
  return checkpoint;
}
