import { type Clock, isAgentIdentityError } from 'agent-identity-core';
import { authorityError } from '../errors.js';
import { administratorOrigin, type Operation, type Route } from '../http/operation.js';
import { readJsonBody, readQuery } from '../http/read-input.js';
import type { AuthorityStore } from '../store/authority-store.js';
import type { AuditLog } from './audit-log.js';
import {
  auditLogPageSchema,
  auditLogQuerySchema,
  pruneAuditLogRequestSchema,
  pruneAuditLogResponseSchema,
  toWireAuditEntry,
  toWireAuditLogReport,
  verifyAuditLogRequestSchema,
  verifyAuditLogResponseSchema,
} from './audit-log-wire.js';
import type { StoredCheckpoint } from './audit-store.js';
import { type AuditLogReport, verifyAuditLog } from './verify-audit-log.js';

export interface AdminAuditParts {
  readonly store: AuthorityStore;
  readonly auditLog: AuditLog;
  readonly clock: Clock;
}

const list: Operation = {
  operationId: 'listAuditEntries',
  method: 'get',
  path: '/v1/admin/audit',
  summary: 'Lists the audit log, oldest entry first by default',
  access: 'administrator',
  query: auditLogQuerySchema,
  response: { description: 'A page of entries', schema: auditLogPageSchema },
  errors: ['invalid_cursor'],
};

const verifyOperation: Operation = {
  operationId: 'verifyAuditLog',
  method: 'post',
  path: '/v1/admin/audit/verify',
  summary: 'Reads the whole audit log and recomputes its Merkle tree',
  access: 'administrator',
  body: verifyAuditLogRequestSchema,
  response: { description: 'The report', schema: verifyAuditLogResponseSchema },
  errors: [],
};

const prune: Operation = {
  operationId: 'pruneAuditLog',
  method: 'post',
  path: '/v1/admin/audit/prune',
  summary: 'Removes entries that were exported; the log keeps their hashes',
  access: 'administrator',
  body: pruneAuditLogRequestSchema,
  response: { description: 'How many entries were removed', schema: pruneAuditLogResponseSchema },
  errors: ['invalid_request'],
};

/** Creates the routes that list, verify and prune the audit log. */
export function createAdminAuditRoutes({ store, auditLog, clock }: AdminAuditParts): Route[] {
  return [
    {
      operation: list,
      async handle(context) {
        const { agent_runtime_id: agentRuntimeId, ...query } = readQuery(context, auditLogQuerySchema);
        // The administrator sees changes that are older than the request.
        await auditLog.sequence();
        const page = await store.listAuditEntries({ ...query, agentRuntimeId });
        return context.json({ entries: page.items.map(toWireAuditEntry), next_cursor: page.nextCursor });
      },
    },
    {
      operation: verifyOperation,
      async handle(context) {
        const { checkpoint } = await readJsonBody(context, verifyAuditLogRequestSchema);
        await auditLog.sequence();
        return context.json(toWireAuditLogReport(await verify(store, checkpoint)));
      },
    },
    {
      operation: prune,
      async handle(context) {
        const { below } = await readJsonBody(context, pruneAuditLogRequestSchema);
        requireBelow(below, await store.auditCheckpoint());
        const removed = await store.pruneAuditEntries(below, clock(), administratorOrigin(context));
        return context.json({ removed });
      },
    },
  ];
}

async function verify(store: AuthorityStore, checkpoint: string | undefined): Promise<AuditLogReport> {
  try {
    return await verifyAuditLog(store, { checkpoint });
  } catch (error) {
    if (!isAgentIdentityError(error, 'invalid_checkpoint', 'invalid_verifier_key')) throw error;
    throw authorityError('invalid_request', error.message);
  }
}

function requireBelow(below: number, checkpoint: StoredCheckpoint | undefined): void {
  const size = checkpoint?.size ?? 0;
  if (below <= size) return;
  throw authorityError(
    'invalid_request',
    `below: expected at most ${size}, the size of the log, got ${below}`,
  );
}
