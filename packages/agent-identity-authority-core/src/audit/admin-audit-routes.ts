import type { Operation, Route } from '../http/operation.js';
import { readJsonBody, readQuery } from '../http/read-input.js';
import type { AuthorityStore } from '../store/authority-store.js';
import {
  auditLogPageSchema,
  auditLogQuerySchema,
  toWireAuditEntry,
  toWireAuditLogReport,
  verifyAuditLogRequestSchema,
  verifyAuditLogResponseSchema,
} from './audit-log-wire.js';

export interface AdminAuditParts {
  readonly store: AuthorityStore;
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

const verify: Operation = {
  operationId: 'verifyAuditLog',
  method: 'post',
  path: '/v1/admin/audit/verify',
  summary: 'Reads the whole audit log and recomputes its hashes',
  access: 'administrator',
  body: verifyAuditLogRequestSchema,
  response: { description: 'The report', schema: verifyAuditLogResponseSchema },
  errors: [],
};

/** Creates the routes that list and verify the audit log. No route changes it. */
export function createAdminAuditRoutes({ store }: AdminAuditParts): Route[] {
  return [
    {
      operation: list,
      async handle(context) {
        const { agent_runtime_id: agentRuntimeId, ...query } = readQuery(context, auditLogQuerySchema);
        const page = await store.listAuditEntries({ ...query, agentRuntimeId });
        return context.json({ entries: page.items.map(toWireAuditEntry), next_cursor: page.nextCursor });
      },
    },
    {
      operation: verify,
      async handle(context) {
        const { checkpoint } = await readJsonBody(context, verifyAuditLogRequestSchema);
        return context.json(toWireAuditLogReport(await store.verifyAuditLog(checkpoint)));
      },
    },
  ];
}
