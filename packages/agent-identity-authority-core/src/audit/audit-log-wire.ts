import * as z from 'zod';
import { nextCursorSchema, type PageQuery, pageQueryMembers } from '../http/page-wire.js';
import { instantSchema, toInstant } from '../instant.js';
import { type AuditAction, type AuditEntry, auditActions } from './audit-entry.js';
import type { AuditLogReport } from './audit-store.js';

/** A row of the audit log. */
export interface WireAuditEntry {
  sequence: number;
  at: string;
  actor: string;
  action: string;
  agent_runtime_id: string | null;
  task_id: string | null;
  details: Record<string, string | number | boolean | null>;
  previous_hash: string;
  hash: string;
}

const wireAuditEntrySchema = z.object({
  sequence: z.int(),
  at: instantSchema,
  actor: z.string(),
  action: z.string(),
  agent_runtime_id: z.string().nullable(),
  task_id: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  previous_hash: z.string(),
  hash: z.string(),
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

/** The end of the log at some time, kept elsewhere; see `AuditCheckpoint`. */
export interface WireAuditCheckpoint {
  sequence: number;
  hash: string;
}

const wireAuditCheckpointSchema = z.strictObject({
  sequence: z.int().nonnegative(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The checkpoint to compare the audit log with, if any. */
export interface VerifyAuditLogRequest {
  checkpoint?: WireAuditCheckpoint | undefined;
}

/** The schema of {@link VerifyAuditLogRequest}. It refuses unknown members. */
export const verifyAuditLogRequestSchema: z.ZodType<VerifyAuditLogRequest> = z.strictObject({
  checkpoint: wireAuditCheckpointSchema.optional(),
});

/** The result of verifying the audit log; see `AuditLogReport`. */
export interface VerifyAuditLogResponse {
  intact: boolean;
  entries: number;
  head: WireAuditCheckpoint;
  problems: { kind: string; sequence: number }[];
}

/** The schema of {@link VerifyAuditLogResponse}. */
export const verifyAuditLogResponseSchema: z.ZodType<VerifyAuditLogResponse> = z.object({
  intact: z.boolean(),
  entries: z.int(),
  head: wireAuditCheckpointSchema,
  problems: z.array(z.object({ kind: z.string(), sequence: z.int() })),
});

export function toWireAuditEntry(entry: AuditEntry): WireAuditEntry {
  return {
    sequence: entry.sequence,
    at: toInstant(entry.at),
    actor: entry.actor,
    action: entry.action,
    agent_runtime_id: entry.agentRuntimeId,
    task_id: entry.taskId,
    details: entry.details,
    previous_hash: entry.previousHash,
    hash: entry.hash,
  };
}

/**
 * Converts a report of `AuthorityStore.verifyAuditLog` to a response.
 *
 * @example
 * ```ts
 * import { memoryStore } from 'agent-identity-authority-core';
 * import { toWireAuditLogReport } from 'agent-identity-authority-core/admin-wire';
 *
 * const response = toWireAuditLogReport(await memoryStore().verifyAuditLog());
 * ```
 */
export function toWireAuditLogReport(report: AuditLogReport): VerifyAuditLogResponse {
  return { ...report, problems: report.problems.map(({ kind, sequence }) => ({ kind, sequence })) };
}
