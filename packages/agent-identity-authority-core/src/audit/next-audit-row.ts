import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import { requireStorableText } from '../store/storable-text.js';
import type { AuditCheckpoint, AuditDetails, AuditEntry, AuditEntryDraft } from './audit-entry.js';
import { type AuditRow, auditRowHash, canonicalDetails } from './audit-entry-hash.js';

/**
 * The row that puts something behind the head of the log.
 *
 * @throws AgentIdentityError `invalid_argument` for what cannot be kept
 */
export function nextAuditRow(head: AuditCheckpoint, draft: AuditEntryDraft): AuditRow {
  const { at, actor, action, agentRuntimeId = null, taskId = null, details = {} } = draft;
  requireStorableText({
    actor,
    ...(agentRuntimeId !== null && { agentRuntimeId }),
    ...(taskId && { taskId }),
  });
  if (!Number.isSafeInteger(at)) throw invalid('at', 'epoch milliseconds', at);
  if (!/^[a-z][a-z_]{0,63}$/.test(action)) throw invalid('action', 'lower-case words joined by _', action);
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

/** @throws SyntaxError if somebody has written something else into the details */
export function toAuditEntry({ detailsJson, ...row }: AuditRow): AuditEntry {
  return { ...row, details: JSON.parse(detailsJson) };
}

function requireFlatDetails(details: AuditDetails): void {
  for (const [name, value] of Object.entries(details)) {
    if (value === null || typeof value === 'boolean' || Number.isSafeInteger(value)) continue;
    if (typeof value === 'string' && value.length <= 4096) continue;
    throw invalid(`details.${name}`, 'a short string, a whole number, a boolean or null', value);
  }
}

function invalid(name: string, expected: string, value: unknown): Error {
  return authorityError(
    'invalid_argument',
    `audit entry, ${name}: expected ${expected}, got ${describeType(value)}`,
  );
}
