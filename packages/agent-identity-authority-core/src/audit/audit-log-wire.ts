import * as z from 'zod';
import { nextCursorSchema, type PageQuery, pageQueryMembers } from '../http/page-wire.js';
import { instantSchema, toInstant } from '../instant.js';
import { type AuditAction, type AuditEntry, auditActions } from './audit-entry.js';
import type { AuditLogReport } from './verify-audit-log.js';

/** A row of the audit log. */
export interface WireAuditEntry {
  index: number;
  id: string;
  at: string;
  actor: string;
  action: string;
  agent_runtime_id: string | null;
  task_id: string | null;
  details: Record<string, string | number | boolean | null>;
}

const wireAuditEntrySchema = z.object({
  index: z.int(),
  id: z.string(),
  at: instantSchema,
  actor: z.string(),
  action: z.string(),
  agent_runtime_id: z.string().nullable(),
  task_id: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** A page of the audit log. */
export interface AuditLogPage {
  entries: WireAuditEntry[];
  next_cursor: string | null;
}

/** The schema of {@link AuditLogPage}. */
export const auditLogPageSchema: z.ZodType<AuditLogPage> = z.object({
  entries: z.array(wireAuditEntrySchema),
  next_cursor: nextCursorSchema,
});

/** The query parameters that filter, sort and page the audit log. */
export interface WireAuditLogQuery extends PageQuery {
  agent_runtime_id?: string | undefined;
  action?: AuditAction | undefined;
  order?: 'oldest_first' | 'newest_first' | undefined;
}

const auditActionSchema: z.ZodType<AuditAction> = z.union(
  [z.enum(auditActions), z.templateLiteral(['custom_', z.string().regex(/^[a-z_]{1,57}$/)])],
  { error: `expected ${auditActions.join(', ')} or custom_…` },
);

/** The schema of {@link WireAuditLogQuery}. It refuses unknown parameters and actions. */
export const auditLogQuerySchema: z.ZodType<WireAuditLogQuery> = z.strictObject({
  agent_runtime_id: z.string().max(512).optional(),
  action: auditActionSchema.optional(),
  order: z
    .enum(['oldest_first', 'newest_first'])
    .optional()
    .meta({ description: 'oldest_first by default.' }),
  ...pageQueryMembers,
});

/** The checkpoint to compare the audit log with, if any: a signed note that was kept elsewhere. */
export interface VerifyAuditLogRequest {
  checkpoint?: string | undefined;
}

/** The schema of {@link VerifyAuditLogRequest}. It refuses unknown members. */
export const verifyAuditLogRequestSchema: z.ZodType<VerifyAuditLogRequest> = z.strictObject({
  checkpoint: z.string().max(4096).optional(),
});

/** The result of verifying the audit log; see `AuditLogReport`. */
export interface VerifyAuditLogResponse {
  intact: boolean;
  entries: number;
  checkpoint: string | null;
  verifier_key: string | null;
  problems: { kind: string; index: number }[];
}

/** The schema of {@link VerifyAuditLogResponse}. */
export const verifyAuditLogResponseSchema: z.ZodType<VerifyAuditLogResponse> = z.object({
  intact: z.boolean(),
  entries: z.int(),
  checkpoint: z.string().nullable(),
  verifier_key: z.string().nullable(),
  problems: z.array(z.object({ kind: z.string(), index: z.int() })),
});

/** Which entries to remove. */
export interface PruneAuditLogRequest {
  /** The index of the first entry to keep. */
  below: number;
}

/** The schema of {@link PruneAuditLogRequest}. It refuses unknown members. */
export const pruneAuditLogRequestSchema: z.ZodType<PruneAuditLogRequest> = z.strictObject({
  below: z.int().nonnegative().meta({ description: 'The index of the first entry to keep.' }),
});

/** How many entries were removed. */
export interface PruneAuditLogResponse {
  removed: number;
}

/** The schema of {@link PruneAuditLogResponse}. */
export const pruneAuditLogResponseSchema: z.ZodType<PruneAuditLogResponse> = z.object({ removed: z.int() });

/**
 * Converts an entry of the audit log to its form in responses and sinks.
 *
 * @example
 * ```ts
 * import type { AuditEntry } from 'agent-identity-authority-core';
 * import { toWireAuditEntry } from 'agent-identity-authority-core/admin-wire';
 *
 * const toLine = (entry: AuditEntry) => JSON.stringify(toWireAuditEntry(entry));
 * ```
 */
export function toWireAuditEntry(entry: AuditEntry): WireAuditEntry {
  return {
    index: entry.index,
    id: entry.id,
    at: toInstant(entry.at),
    actor: entry.actor,
    action: entry.action,
    agent_runtime_id: entry.agentRuntimeId,
    task_id: entry.taskId,
    details: entry.details,
  };
}

/**
 * Converts a report of `verifyAuditLog` to a response.
 *
 * @example
 * ```ts
 * import { memoryStore, verifyAuditLog } from 'agent-identity-authority-core';
 * import { toWireAuditLogReport } from 'agent-identity-authority-core/admin-wire';
 *
 * const response = toWireAuditLogReport(await verifyAuditLog(memoryStore()));
 * ```
 */
export function toWireAuditLogReport(report: AuditLogReport): VerifyAuditLogResponse {
  const { checkpoint = null, verifierKey = null, problems, ...facts } = report;
  return {
    ...facts,
    checkpoint,
    verifier_key: verifierKey,
    problems: problems.map(({ kind, index }) => ({ kind, index })),
  };
}
