import type { Clock } from 'agent-identity-core';
import type { Administration } from '../administration.js';
import { accountLimit, isWithinLimit, requireWithinLimit } from '../http/administrator-accounts.js';
import { administratorOrigin, type Operation, type Route } from '../http/operation.js';
import { readJsonBody, readQuery } from '../http/read-input.js';
import { toInstant } from '../instant.js';
import type { AuthorityStore } from '../store/authority-store.js';
import {
  adminEnrollmentTokenPageSchema,
  adminEnrollmentTokenQuerySchema,
  adminEnrollmentTokenSchema,
  createEnrollmentTokenRequestSchema,
  createEnrollmentTokenResponseSchema,
  toAdminEnrollmentToken,
  toEnrollmentTokenOptions,
} from './admin-enrollment-wire.js';
import { enrollmentTokenNotFound } from './enrollment.js';

export interface AdminEnrollmentParts {
  readonly store: AuthorityStore;
  readonly administration: Administration;
  readonly clock: Clock;
}

const create: Operation = {
  operationId: 'createEnrollmentToken',
  method: 'post',
  path: '/v1/admin/enrollment-tokens',
  summary: 'Creates a token that registers one agent, which makes its own key',
  access: 'administrator',
  body: createEnrollmentTokenRequestSchema,
  response: { description: 'The new token', schema: createEnrollmentTokenResponseSchema, status: 201 },
  errors: ['account_not_found'],
};

const list: Operation = {
  operationId: 'listEnrollmentTokens',
  method: 'get',
  path: '/v1/admin/enrollment-tokens',
  summary: 'Lists enrollment tokens, newest first, without the tokens themselves',
  access: 'administrator',
  query: adminEnrollmentTokenQuerySchema,
  response: { description: 'A page of enrollment tokens', schema: adminEnrollmentTokenPageSchema },
  errors: ['invalid_cursor'],
};

const revoke: Operation = {
  operationId: 'revokeEnrollmentToken',
  method: 'post',
  path: '/v1/admin/enrollment-tokens/{enrollment_token_id}/revoke',
  summary: 'Revokes an enrollment token, but not the agent that it registered; repeating it has no effect',
  access: 'administrator',
  response: { description: 'The enrollment token', schema: adminEnrollmentTokenSchema },
  errors: ['enrollment_token_not_found'],
};

/** Creates the routes that create, list and revoke enrollment tokens. */
export function createAdminEnrollmentRoutes({ store, administration, clock }: AdminEnrollmentParts): Route[] {
  return [
    {
      operation: create,
      async handle(context) {
        const options = toEnrollmentTokenOptions(
          await readJsonBody(context, createEnrollmentTokenRequestSchema),
        );
        requireWithinLimit(context, options.account.accountId);
        const created = await administration.createEnrollmentToken(options, administratorOrigin(context));
        const { enrollmentTokenId, token, expiresAt } = created;
        return context.json(
          { enrollment_token_id: enrollmentTokenId, token, expires_at: toInstant(expiresAt) },
          201,
        );
      },
    },
    {
      operation: list,
      async handle(context) {
        const page = await store.listEnrollmentTokens({
          ...readQuery(context, adminEnrollmentTokenQuerySchema),
          ...accountLimit(context),
        });
        const now = clock();
        return context.json({
          enrollment_tokens: page.items.map((token) => toAdminEnrollmentToken(token, now)),
          next_cursor: page.nextCursor,
        });
      },
    },
    {
      operation: revoke,
      async handle(context) {
        const id = context.req.param('enrollment_token_id') ?? '';
        const known = await store.findEnrollmentTokenById(id);
        if (!isWithinLimit(context, known?.account.accountId)) throw enrollmentTokenNotFound();
        const token = await administration.revokeEnrollmentToken(id, administratorOrigin(context));
        return context.json(toAdminEnrollmentToken(token, clock()));
      },
    },
  ];
}
