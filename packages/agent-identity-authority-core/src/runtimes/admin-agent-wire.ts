import { type AgentBillOfMaterials, agentBillOfMaterialsSchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import { nextCursorSchema, type PageQuery, pageQueryMembers } from '../http/page-wire.js';
import type { EpochMilliseconds } from '../instant.js';
import { instantSchema, toInstant } from '../instant.js';
import { type AgentRuntimeSelector, maxRevokedRuntimes } from './runtime-selector.js';
import { runtimeStatus } from './runtime-status.js';
import {
  type AgentRuntimeQuery,
  type RuntimeStatus,
  runtimeStatuses,
  type StoredAgentRuntime,
} from './runtime-store.js';

/** An agent runtime in the administration API. Nothing in it is secret. */
export interface AdminAgent {
  agent_runtime_id: string;
  /** The OpenSSH line. */
  agent_public_key: string;
  account_id: string;
  chatgpt_user_id: string;
  plan_type: string;
  name: string | null;
  owner: string | null;
  labels: Record<string, string>;
  abom: AgentBillOfMaterials | null;
  capabilities: string[];
  /** The runtimes that it descends from, its parent last. */
  lineage: string[];
  status: RuntimeStatus;
  created_at: string;
  expires_at: string | null;
  suspended_at: string | null;
  revoked_at: string | null;
}

/** The schema of {@link AdminAgent}. */
export const adminAgentSchema: z.ZodType<AdminAgent> = z.object({
  agent_runtime_id: z.string(),
  agent_public_key: z.string(),
  account_id: z.string(),
  chatgpt_user_id: z.string(),
  plan_type: z.string(),
  name: z.string().nullable(),
  owner: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  abom: z.nullable(agentBillOfMaterialsSchema),
  capabilities: z.array(z.string()),
  lineage: z.array(z.string()),
  status: z.enum(runtimeStatuses),
  created_at: instantSchema,
  expires_at: instantSchema.nullable(),
  suspended_at: instantSchema.nullable(),
  revoked_at: instantSchema.nullable(),
});

/** A page of agent runtimes, newest first. */
export interface AdminAgentPage {
  agents: AdminAgent[];
  next_cursor: string | null;
}

/** The schema of {@link AdminAgentPage}. */
export const adminAgentPageSchema: z.ZodType<AdminAgentPage> = z.object({
  agents: z.array(adminAgentSchema),
  next_cursor: nextCursorSchema,
});

/** The query parameters that filter and page agent runtimes. */
export interface AdminAgentQuery extends PageQuery {
  account_id?: string | undefined;
  chatgpt_user_id?: string | undefined;
  /** A label as `key=value`. */
  label?: string | undefined;
  created_before?: string | undefined;
  status?: AdminAgent['status'] | undefined;
}

/** The schema of {@link AdminAgentQuery}. It refuses unknown parameters. */
export const adminAgentQuerySchema: z.ZodType<AdminAgentQuery> = z.strictObject({
  account_id: z.string().min(1).max(512).optional(),
  chatgpt_user_id: z.string().min(1).max(512).optional(),
  label: z
    .string()
    .regex(/^[^=]+=/, 'expected a label such as team=search')
    .optional()
    .meta({ description: 'Only runtimes with this label, key=value.' }),
  created_before: instantSchema.optional(),
  status: z.enum(runtimeStatuses).optional(),
  ...pageQueryMembers,
});

/** The body that revokes many runtimes: which, and either a dry run or how many they are. */
export interface RevokeAgentsRequest {
  account_id?: string | undefined;
  chatgpt_user_id?: string | undefined;
  /** Runtimes that have all of these labels. */
  labels?: Record<string, string> | undefined;
  created_before?: string | undefined;
  /** Only counts. */
  dry_run?: true | undefined;
  /** How many runtimes must match; otherwise nothing is revoked. */
  expected_count?: number | undefined;
}

/** The schema of {@link RevokeAgentsRequest}. It refuses unknown members. */
export const revokeAgentsRequestSchema: z.ZodType<RevokeAgentsRequest> = z
  .strictObject({
    account_id: z.string().min(1).max(512).optional(),
    chatgpt_user_id: z.string().min(1).max(512).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    created_before: instantSchema.optional(),
    dry_run: z.literal(true).optional().meta({ description: 'Only counts the runtimes that match.' }),
    expected_count: z.int().min(0).max(maxRevokedRuntimes).optional().meta({
      description: 'How many runtimes must match, as a dry run counted them; otherwise nothing is revoked.',
    }),
  })
  .refine((body) => (body.dry_run === undefined) !== (body.expected_count === undefined), {
    message: 'expected one of dry_run and expected_count',
  });

/** How many runtimes match, and how many of them were revoked. */
export interface RevokedAgents {
  matching: number;
  revoked: number;
}

/** The schema of {@link RevokedAgents}. */
export const revokedAgentsSchema: z.ZodType<RevokedAgents> = z.object({
  matching: z.int(),
  revoked: z.int(),
});

/**
 * Converts the members that select runtimes.
 *
 * @example
 * ```ts
 * import { toRuntimeSelector } from 'agent-identity-authority-core/admin-wire';
 *
 * toRuntimeSelector({ account_id: 'account-1' }).accountId; // 'account-1'
 * ```
 */
export function toRuntimeSelector(
  body: Pick<RevokeAgentsRequest, 'account_id' | 'chatgpt_user_id' | 'labels' | 'created_before'>,
): AgentRuntimeSelector {
  return {
    accountId: body.account_id,
    chatgptUserId: body.chatgpt_user_id,
    labels: body.labels,
    createdBefore: body.created_before === undefined ? undefined : Date.parse(body.created_before),
  };
}

/**
 * Converts query parameters to the query of a store.
 *
 * @param now Epoch milliseconds: decides which runtimes are expired.
 * @example
 * ```ts
 * import { toAgentRuntimeQuery } from 'agent-identity-authority-core/admin-wire';
 *
 * toAgentRuntimeQuery({ label: 'team=search' }, Date.now()).labels; // { team: 'search' }
 * ```
 */
export function toAgentRuntimeQuery(
  { status, cursor, limit, label, ...selector }: AdminAgentQuery,
  now: EpochMilliseconds,
): AgentRuntimeQuery {
  const labels = label === undefined ? undefined : toLabels(label);
  return {
    ...toRuntimeSelector({ ...selector, labels }),
    status: status && { is: status, at: now },
    cursor,
    limit,
  };
}

function toLabels(label: string): Record<string, string> {
  const separator = label.indexOf('=');
  return Object.fromEntries([[label.slice(0, separator), label.slice(separator + 1)]]);
}

/**
 * Converts an agent runtime to its form in responses.
 *
 * @param now Epoch milliseconds: decides whether it is expired.
 * @example
 * ```ts
 * import type { StoredAgentRuntime } from 'agent-identity-authority-core';
 * import { toAdminAgent } from 'agent-identity-authority-core/admin-wire';
 *
 * const isActive = (runtime: StoredAgentRuntime) => toAdminAgent(runtime, Date.now()).status === 'active';
 * ```
 */
export function toAdminAgent(runtime: StoredAgentRuntime, now: EpochMilliseconds): AdminAgent {
  return {
    agent_runtime_id: runtime.agentRuntimeId,
    agent_public_key: runtime.publicKeySsh,
    account_id: runtime.accountId,
    chatgpt_user_id: runtime.chatgptUserId,
    plan_type: runtime.planType,
    name: runtime.name,
    owner: runtime.owner,
    labels: { ...runtime.labels },
    abom: runtime.abom,
    capabilities: [...runtime.capabilities],
    lineage: [...runtime.lineage],
    status: runtimeStatus(runtime, now),
    created_at: toInstant(runtime.createdAt),
    expires_at: toInstant(runtime.expiresAt),
    suspended_at: toInstant(runtime.suspendedAt),
    revoked_at: toInstant(runtime.revokedAt),
  };
}
