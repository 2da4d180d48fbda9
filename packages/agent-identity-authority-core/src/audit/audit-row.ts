import { randomUUID } from 'node:crypto';
import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import {
  type AuditDetails,
  canonicalDetails,
  type EncodableAuditEntry,
  encodeStoredEntry,
  maxEncodedEntryLength,
} from '../log/audit-entry-encoding.js';
import { requireStorableText } from '../store/storable-text.js';
import { type AuditEntry, type AuditEntryDraft, isAuditAction } from './audit-entry.js';

/** An entry in its place, as stored: it keeps the details as the text that the log commits to, so every edit shows. */
export interface AuditRow extends EncodableAuditEntry {
  readonly index: number;
}

/**
 * Creates the row of a draft that waits for its place in the log, with a new id.
 *
 * @throws AgentIdentityError `invalid_argument` for a draft that cannot be stored
 * @example
 * ```ts
 * import { toPendingAuditRow } from 'agent-identity-authority-core/store';
 *
 * const draft = { at: 1_776_902_400_000, actor: 'operator:alice', action: 'custom_log_exported' } as const;
 * const { id, detailsJson } = toPendingAuditRow(draft); // detailsJson === '{}'
 * ```
 */
export function toPendingAuditRow(draft: AuditEntryDraft): EncodableAuditEntry {
  const { at, actor, action, agentRuntimeId = null, taskId = null, details = {} } = draft;
  requireStorableText({ actor }, maxActorLength);
  requireStorableText({
    ...(agentRuntimeId !== null && { agentRuntimeId }),
    ...(taskId !== null && { taskId }),
  });
  if (!Number.isSafeInteger(at)) throw invalid('at', 'epoch milliseconds', at);
  if (!isAuditAction(action)) throw invalid('action', 'an action of the authority, or custom_…', action);
  requireFlatDetails(details);
  const detailsJson = canonicalDetails(details);
  const row = { id: newEntryId(), at, actor, action, agentRuntimeId, taskId, detailsJson };
  if (encodeStoredEntry(row).length > maxEncodedEntryLength) {
    throw invalid('details', `an entry of at most ${maxEncodedEntryLength} bytes`, details);
  }
  return row;
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

/**
 * The time, a counter and 48 random bits. Ids of one process grow, so that its entries are sequenced in the order of their
 * changes; those of several nodes in the order of their clocks.
 */
function newEntryId(): string {
  lastId = Math.max(lastId + 1, Date.now() * idsPerMillisecond);
  return `${lastId.toString(16).padStart(14, '0')}-${randomUUID().slice(24)}`;
}

let lastId = 0;
/** More would exceed the integers of JavaScript. */
const idsPerMillisecond = 1024;

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
