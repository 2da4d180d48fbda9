import * as z from 'zod';
import { nextCursorSchema, type PageQuery, pageQueryMembers } from '../http/page-wire.js';
import { type EpochMilliseconds, instantSchema, toInstant } from '../instant.js';
import {
  type AccountMembers,
  accountSchema,
  capabilitiesSchema,
  type DescriptionMembers,
  descriptionMembers,
  toAccount,
} from '../runtimes/issue-agent-identity-wire.js';
import type { CreateEnrollmentTokenOptions } from './enrollment.js';
import {
  type EnrollmentTokenStatus,
  enrollmentTokenStatus,
  type StoredEnrollmentToken,
} from './enrollment-store.js';

/** The account and the lifetime of a new enrollment token; see `CreateEnrollmentTokenOptions`. */
export interface CreateEnrollmentTokenRequest extends DescriptionMembers {
  account: AccountMembers;
  /** What the agent may ask for. Default: nothing. */
  capabilities?: string[] | undefined;
  lifetime_seconds?: number | undefined;
}

/** The schema of {@link CreateEnrollmentTokenRequest}. It refuses unknown members. */
export const createEnrollmentTokenRequestSchema: z.ZodType<CreateEnrollmentTokenRequest> = z.strictObject({
  account: accountSchema,
  capabilities: capabilitiesSchema.optional(),
  lifetime_seconds: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'How long the token can be used; 600 by default, 2592000 at most.' }),
  ...descriptionMembers,
});

/** A new enrollment token. */
export interface CreateEnrollmentTokenResponse {
  enrollment_token_id: string;
  /** **Secret**: it registers one agent, and exists nowhere else. */
  token: string;
  expires_at: string;
}

/** The schema of {@link CreateEnrollmentTokenResponse}. */
export const createEnrollmentTokenResponseSchema: z.ZodType<CreateEnrollmentTokenResponse> = z.object({
  enrollment_token_id: z.string(),
  token: z.string().meta({ description: 'Secret: it registers one agent, and exists nowhere else.' }),
  expires_at: instantSchema,
});

/** An enrollment token in the administration API, without the token itself. */
export interface AdminEnrollmentToken {
  enrollment_token_id: string;
  account_id: string;
  chatgpt_user_id: string;
  capabilities: string[];
  status: EnrollmentTokenStatus;
  created_at: string;
  expires_at: string;
  used_at: string | null;
  /** The agent that it registered. */
  agent_runtime_id: string | null;
  revoked_at: string | null;
}

/** The schema of {@link AdminEnrollmentToken}. */
export const adminEnrollmentTokenSchema: z.ZodType<AdminEnrollmentToken> = z.object({
  enrollment_token_id: z.string(),
  account_id: z.string(),
  chatgpt_user_id: z.string(),
  capabilities: z.array(z.string()),
  status: z.enum(['unused', 'used', 'revoked', 'expired']),
  created_at: instantSchema,
  expires_at: instantSchema,
  used_at: instantSchema.nullable(),
  agent_runtime_id: z.string().nullable(),
  revoked_at: instantSchema.nullable(),
});

/** A page of enrollment tokens, newest first. */
export interface AdminEnrollmentTokenPage {
  enrollment_tokens: AdminEnrollmentToken[];
  next_cursor: string | null;
}

/** The schema of {@link AdminEnrollmentTokenPage}. */
export const adminEnrollmentTokenPageSchema: z.ZodType<AdminEnrollmentTokenPage> = z.object({
  enrollment_tokens: z.array(adminEnrollmentTokenSchema),
  next_cursor: nextCursorSchema,
});

/** The schema of the query parameters that page enrollment tokens. It refuses unknown parameters. */
export const adminEnrollmentTokenQuerySchema: z.ZodType<PageQuery> = z.strictObject({ ...pageQueryMembers });

/**
 * Converts a request to the options of `Authority.createEnrollmentToken`.
 *
 * @example
 * ```ts
 * import { createEnrollmentTokenRequestSchema, toEnrollmentTokenOptions } from 'agent-identity-authority-core/admin-wire';
 *
 * declare const body: unknown;
 * const options = toEnrollmentTokenOptions(createEnrollmentTokenRequestSchema.parse(body));
 * ```
 */
export function toEnrollmentTokenOptions({
  account,
  capabilities = [],
  lifetime_seconds: lifetimeSeconds,
  ...description
}: CreateEnrollmentTokenRequest): CreateEnrollmentTokenOptions {
  return { account: { ...toAccount(account, description), capabilities }, lifetimeSeconds };
}

/**
 * Converts a stored token to the one of the administration API, with its status at the given time.
 *
 * @example
 * ```ts
 * import type { StoredEnrollmentToken } from 'agent-identity-authority-core';
 * import { toAdminEnrollmentToken } from 'agent-identity-authority-core/admin-wire';
 *
 * declare const token: StoredEnrollmentToken;
 * const { status } = toAdminEnrollmentToken(token, Date.now());
 * ```
 */
export function toAdminEnrollmentToken(
  token: StoredEnrollmentToken,
  now: EpochMilliseconds,
): AdminEnrollmentToken {
  return {
    enrollment_token_id: token.enrollmentTokenId,
    account_id: token.account.accountId,
    chatgpt_user_id: token.account.chatgptUserId,
    capabilities: [...(token.account.capabilities ?? [])],
    status: enrollmentTokenStatus(token, now),
    created_at: toInstant(token.createdAt),
    expires_at: toInstant(token.expiresAt),
    used_at: toInstant(token.usedAt),
    agent_runtime_id: token.agentRuntimeId,
    revoked_at: toInstant(token.revokedAt),
  };
}
