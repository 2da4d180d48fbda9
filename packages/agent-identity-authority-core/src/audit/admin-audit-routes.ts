import type { Operation, Route } from '../http/operation.js';
import { readJsonBody, readQuery } from '../http/read-json-body.js';
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
  summary: 'Lists the audit log',
  access: 'administrator',
  query: auditLogQuerySchema,
  answer: { description: 'A page of it', schema: auditLogPageSchema },
  errors: ['invalid_cursor'],
};

const verify: Operation = {
  operationId: 'verifyAuditLog',
  method: 'post',
  path: '/v1/admin/audit/verify',
  summary: 'Reads the whole audit log and computes its hashes again',
  access: 'administrator',
  body: verifyAuditLogRequestSchema,
  answer: { description: 'What it found', schema: verifyAuditLogResponseSchema },
  errors: [],
};

/** Reading and verifying the audit log. No operation changes it. */
export function adminAuditRoutes({ store }: AdminAuditParts): Route[] {
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
