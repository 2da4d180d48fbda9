import type { WireAuditEntry } from 'agent-identity-authority-core/admin-wire';
import {
  auditLeafHash,
  encodeAuditEntry,
  type LogCheckpoint,
  logTilePath,
  parseUnverifiedCheckpoint,
  proveConsistency,
  proveInclusion,
  type ReadLogTile,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from 'agent-identity-authority-core/log';
import type { Api } from '../api.js';

/** A checkpoint of the authority, and what this page has checked of it. */
export interface CheckedLog {
  readonly checkpoint: LogCheckpoint;
  /** Whether the key signed it; `undefined` without a key. */
  readonly isSigned: true | undefined;
  /** The size of the earlier checkpoint that it continues. */
  readonly continues: number | undefined;
}

/**
 * Reads the checkpoint, and checks its signature and that it continues an earlier one.
 *
 * @param verifierKey Empty for none.
 */
export async function checkLog(
  api: Api,
  verifierKey: string,
  earlier: LogCheckpoint | undefined,
): Promise<CheckedLog> {
  const note = await api.readText('v1/audit/log/checkpoint');
  if (verifierKey === '') {
    return { checkpoint: parseUnverifiedCheckpoint(note), isSigned: undefined, continues: undefined };
  }
  const checkpoint = verifyCheckpoint(note, verifierKey);
  if (earlier !== undefined) {
    const proof = await proveConsistency(
      Math.min(earlier.size, checkpoint.size),
      checkpoint.size,
      tileReader(api),
    );
    verifyConsistency({ first: earlier, second: checkpoint, proof });
  }
  return { checkpoint, isSigned: true, continues: earlier?.size };
}

/** The log that contains an entry, and how many hashes proved it. */
export interface ProvenEntry {
  readonly size: number;
  readonly hashes: number;
}

/**
 * Proves that the log has the entry exactly as this page shows it: the hash is made from what is shown, and leads with the proof
 * to the root hash that the key signed.
 */
export async function proveEntry(api: Api, verifierKey: string, entry: WireAuditEntry): Promise<ProvenEntry> {
  const checkpoint = verifyCheckpoint(await api.readText('v1/audit/log/checkpoint'), verifierKey);
  const { index, id, at, actor, action, agent_runtime_id, task_id, details } = entry;
  const leafHash = auditLeafHash(
    encodeAuditEntry({
      ...{ id, at: Date.parse(at), actor, action, details },
      ...{ agentRuntimeId: agent_runtime_id, taskId: task_id },
    }),
  );
  const proof = await proveInclusion(index, checkpoint.size, tileReader(api));
  verifyInclusion({ leafHash, index, checkpoint, proof });
  return { size: checkpoint.size, hashes: proof.length };
}

function tileReader(api: Api): ReadLogTile {
  return (level, index, width) => api.readBytes(`v1/audit/log/${logTilePath(level, index, width)}`);
}
