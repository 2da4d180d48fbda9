import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import { requireStorableText } from '../store/storable-text.js';
import {
  type AuditCheckpoint,
  type AuditDetails,
  type AuditEntry,
  type AuditEntryDraft,
  isAuditAction,
} from './audit-entry.js';
import { type AuditRow, auditRowHash, canonicalDetails } from './audit-entry-hash.js';

/**
 * Creates the row that appends a draft to the log with this head.
 *
 * @throws AgentIdentityError `invalid_argument` for a draft that cannot be stored
 * @example
 * ```ts
 * import { genesisHash, nextAuditRow } from 'agent-identity-authority-core/store';
 *
 * const head = { sequence: 0, hash: genesisHash };
 * const row = nextAuditRow(head, { at: 1_776_902_400_000, actor: 'operator:alice', action: 'custom_log_exported' });
 * // row.sequence === 1, and the next head is { sequence: row.sequence, hash: row.hash }
 * ```
 */
export function nextAuditRow(head: AuditCheckpoint, draft: AuditEntryDraft): AuditRow {
  const { at, actor, action, agentRuntimeId = null, taskId = null, details = {} } = draft;
  requireStorableText({ actor }, maxActorLength);
  requireStorableText({
    ...(agentRuntimeId !== null && { agentRuntimeId }),
    ...(taskId && { taskId }),
  });
  if (!Number.isSafeInteger(at)) throw invalid('at', 'epoch milliseconds', at);
  if (!isAuditAction(action)) throw invalid('action', 'an action of the authority, or custom_…', action);
  requireFlatDetails(details);
  const row = {
    sequence: head.sequence + 1,
    at,
    actor,
    action,
    agentRuntimeId,
    taskId,
    detailsJson: canonicalDetails(details),
    previousHash: head.hash,
  };
  return { ...row, hash: auditRowHash(row) };
}

/**
 * Converts a stored row to an entry.
 *
 * @throws SyntaxError if someone has overwritten the details with something else
 * @example
 * ```ts
 * import { type AuditRow, toAuditEntry } from 'agent-identity-authority-core/store';
 *
 * declare const row: AuditRow;
 * const { details } = toAuditEntry(row);
 * ```
 */
export function toAuditEntry({ detailsJson, ...row }: AuditRow): AuditEntry {
  return { ...row, details: JSON.parse(detailsJson) };
}

/** An account and a user of 512 characters each, and the words around them. No index contains it. */
const maxActorLength = 1100;

function requireFlatDetails(details: AuditDetails): void {
  for (const [name, value] of Object.entries(details)) {
    if (value === null || typeof value === 'boolean' || Number.isSafeInteger(value)) continue;
    if (typeof value === 'string' && value.length <= 4096) continue;
    throw invalid(
      `details.${name}`,
      'a string of at most 4096 characters, an integer, a boolean or null',
      value,
    );
  }
}

function invalid(name: string, expected: string, value: unknown): Error {
  return authorityError(
    'invalid_argument',
    `audit entry, ${name}: expected ${expected}, got ${describeType(value)}`,
  );
}
