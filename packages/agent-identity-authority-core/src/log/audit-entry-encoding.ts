import { describeType } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import type { EpochMilliseconds } from '../instant.js';

/** Flat facts; numbers are integers. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null>>;

/** An entry of the audit log, without its place in the log. */
export interface LoggedAuditEntry {
  /** Unique; chosen by the node that made the change. */
  readonly id: string;
  readonly at: EpochMilliseconds;
  readonly actor: string;
  readonly action: string;
  readonly agentRuntimeId: string | null;
  readonly taskId: string | null;
  readonly details: AuditDetails;
}

/** The same entry with its details as the canonical text that stores keep, so that every edit shows. */
export interface EncodableAuditEntry extends Omit<LoggedAuditEntry, 'details'> {
  readonly detailsJson: string;
}

/** The longest encoded entry, in bytes: bundles of entries have a length of 16 bits (C2SP tlog-tiles). */
export const maxEncodedEntryLength = 65_535;

/** One text for the same details: compact JSON with members sorted by the UTF-16 code units of their names (RFC 8785). */
export function canonicalDetails(details: AuditDetails): string {
  const members = Object.entries(details)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return `{${members.join(',')}}`;
}

/**
 * Returns the bytes of an entry that the log commits to: one JSON object in UTF-8, without spaces, with the members `v`
 * (which is 1), `id`, `at`, `actor`, `action`, `agent_runtime_id`, `task_id` and `details`, in this order. The members of
 * `details` are sorted by name (docs/authority.md, "The audit log").
 *
 * @example
 * ```ts
 * import { auditLeafHash, encodeAuditEntry, type LoggedAuditEntry } from 'agent-identity-authority-core/log';
 *
 * const leafHashOf = (entry: LoggedAuditEntry): Uint8Array => auditLeafHash(encodeAuditEntry(entry));
 * ```
 */
export function encodeAuditEntry({ details, ...entry }: LoggedAuditEntry): Uint8Array {
  return encodeStoredEntry({ ...entry, detailsJson: canonicalDetails(details) });
}

/**
 * Does the same for an entry whose details are canonical text already.
 *
 * @example
 * ```ts
 * import { encodeStoredEntry, toPendingAuditRow } from 'agent-identity-authority-core/store';
 *
 * const row = toPendingAuditRow({ at: 1_776_902_400_000, actor: 'operator:alice', action: 'custom_log_exported' });
 * const encoded = encodeStoredEntry(row); // what the log commits to
 * ```
 */
export function encodeStoredEntry(entry: EncodableAuditEntry): Uint8Array {
  const { id, at, actor, action, agentRuntimeId, taskId, detailsJson } = entry;
  const head = JSON.stringify({
    v: 1,
    id,
    at,
    actor,
    action,
    agent_runtime_id: agentRuntimeId,
    task_id: taskId,
  });
  return encoder.encode(`${head.slice(0, -1)},"details":${detailsJson}}`);
}

/**
 * Reads an encoded entry, such as one of an exported log.
 *
 * @throws AgentIdentityError `invalid_log_entry` for anything else than what `encodeAuditEntry` returns
 * @example
 * ```ts
 * import { decodeAuditEntry, encodeAuditEntry, type LoggedAuditEntry } from 'agent-identity-authority-core/log';
 *
 * const copyOf = (entry: LoggedAuditEntry): LoggedAuditEntry => decodeAuditEntry(encodeAuditEntry(entry));
 * ```
 */
export function decodeAuditEntry(encoded: Uint8Array): LoggedAuditEntry {
  const text = new TextDecoder().decode(encoded);
  const entry = toEntry(parse(text));
  if (entry === undefined || new TextDecoder().decode(encodeAuditEntry(entry)) !== text) {
    throw authorityError(
      'invalid_log_entry',
      `expected a canonical audit entry of version 1, got ${describeType(text)}`,
    );
  }
  return entry;
}

const encoder = new TextEncoder();

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toEntry(value: unknown): LoggedAuditEntry | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { v, id, at, actor, action, agent_runtime_id, task_id, details, ...others } = value as Record<
    string,
    unknown
  >;
  const isText = (one: unknown) => typeof one === 'string';
  const isValid =
    v === 1 &&
    Object.keys(others).length === 0 &&
    [id, actor, action].every(isText) &&
    Number.isSafeInteger(at) &&
    [agent_runtime_id, task_id].every((one) => one === null || isText(one)) &&
    typeof details === 'object' &&
    details !== null;
  if (!isValid) return undefined;
  return {
    id,
    at,
    actor,
    action,
    agentRuntimeId: agent_runtime_id,
    taskId: task_id,
    details,
  } as LoggedAuditEntry;
}
