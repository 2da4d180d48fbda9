import { createHash } from 'node:crypto';
import type { AuditDetails, AuditEntry } from './audit-entry.js';

/** The `previousHash` of the first row, and the hash of an empty log. */
export const genesisHash: string = '0'.repeat(64);

/** A row as stored: it keeps the details as the text that the hash covers, so every edit shows. */
export interface AuditRow extends Omit<AuditEntry, 'details'> {
  readonly detailsJson: string;
}

/** One text for the same details: compact JSON with members sorted by the UTF-16 code units of their names (RFC 8785). */
export function canonicalDetails(details: AuditDetails): string {
  const members = Object.entries(details)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${members.join(',')}}`;
}

/**
 * The hash of a row: SHA-256, in lower-case hex, over the UTF-8 of this compact JSON array. `JSON.stringify` writes it in
 * the canonical form of RFC 8785.
 *
 * `["agent-identity-audit-1", sequence, previousHash, at, actor, action, agentRuntimeId, taskId, detailsJson]`
 *
 * `at` is in epoch milliseconds, missing ids are `null`, and `detailsJson` is the text of `canonicalDetails` as one string.
 */
export function auditRowHash(row: Omit<AuditRow, 'hash'>): string {
  const { sequence, previousHash, at, actor, action, agentRuntimeId, taskId, detailsJson } = row;
  const canonical = JSON.stringify([
    'agent-identity-audit-1',
    sequence,
    previousHash,
    at,
    actor,
    action,
    agentRuntimeId,
    taskId,
    detailsJson,
  ]);
  return createHash('sha256').update(canonical, 'utf8').digest('hex');
}

/**
 * Computes the hash that an entry of `listAuditEntries` must have, for auditors who only have the entries: SHA-256, in
 * lower-case hex, over a canonical JSON array of the entry's members (RFC 8785).
 *
 * @example
 * ```ts
 * import { auditEntryHash, memoryStore } from 'agent-identity-authority-core';
 *
 * const { items } = await memoryStore().listAuditEntries();
 * const isUnchanged = items.every((entry) => auditEntryHash(entry) === entry.hash);
 * ```
 */
export function auditEntryHash({ details, ...entry }: Omit<AuditEntry, 'hash'>): string {
  return auditRowHash({ ...entry, detailsJson: canonicalDetails(details) });
}
