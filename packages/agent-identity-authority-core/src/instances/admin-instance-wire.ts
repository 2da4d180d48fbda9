import type { InstanceActor } from 'agent-identity-core/wire';
import type { RuntimeAgentInstanceStatus } from 'agent-identity-verifier';
import { toDirectoryActor } from 'agent-identity-verifier/directory-wire';
import * as z from 'zod';
import { nextCursorSchema, type PageQuery, pageQueryMembers } from '../http/page-wire.js';
import { type EpochMilliseconds, instantSchema, toInstant } from '../instant.js';
import { instanceStatus } from './instance-status.js';
import {
  instanceStatuses,
  type RuntimeAgentInstanceSelector,
  type StoredRuntimeAgentInstance,
} from './instance-store.js';

/** An actor in responses. Unlike the one of agent-identity-core, it has no optional member, so OpenAPI can describe it. */
export const wireActorSchema: z.ZodType<InstanceActor> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('chatgpt'), user_id: z.string(), account_id: z.string() }),
  z.object({
    kind: z.literal('platform'),
    user_id: z.string(),
    organization_id: z.string(),
    project_id: z.string().nullable(),
  }),
]);

/** A runtime agent instance in the administration API. Nothing in it is secret. */
export interface AdminInstance {
  runtime_agent_instance_id: string;
  agent_host_id: string;
  installation_id: string;
  /** The OpenSSH line. */
  public_key: string;
  actor: InstanceActor;
  /** The type of the credential that registered it. */
  credential_type: StoredRuntimeAgentInstance['credentialType'];
  harness: string;
  harness_version: string;
  role: string;
  status: RuntimeAgentInstanceStatus;
  created_at: string;
  last_seen_at: string;
  suspended_at: string | null;
  revoked_at: string | null;
}

/** The schema of {@link AdminInstance}. */
export const adminInstanceSchema: z.ZodType<AdminInstance> = z.object({
  runtime_agent_instance_id: z.string(),
  agent_host_id: z.string(),
  installation_id: z.string(),
  public_key: z.string(),
  actor: wireActorSchema,
  credential_type: z.enum(['oauth', 'platform_api_key', 'personal_access_token']),
  harness: z.string(),
  harness_version: z.string(),
  role: z.string(),
  status: z.enum(instanceStatuses),
  created_at: instantSchema,
  last_seen_at: instantSchema,
  suspended_at: instantSchema.nullable(),
  revoked_at: instantSchema.nullable(),
});

/** A page of runtime agent instances, newest first. */
export interface AdminInstancePage {
  instances: AdminInstance[];
  next_cursor: string | null;
}

/** The schema of {@link AdminInstancePage}. */
export const adminInstancePageSchema: z.ZodType<AdminInstancePage> = z.object({
  instances: z.array(adminInstanceSchema),
  next_cursor: nextCursorSchema,
});

/** Which instances: those that match all members given. */
export interface WireInstanceSelector {
  agent_host_id?: string | undefined;
  installation_id?: string | undefined;
  user_id?: string | undefined;
  account_id?: string | undefined;
  organization_id?: string | undefined;
}

const id = z.string().min(1).max(512).optional();
const selectorMembers = {
  agent_host_id: id,
  installation_id: id,
  user_id: id,
  account_id: id,
  organization_id: id,
};

/** The schema of {@link WireInstanceSelector}. It refuses unknown members, and requires one. */
export const instanceSelectorSchema: z.ZodType<WireInstanceSelector> = z
  .strictObject(selectorMembers)
  .refine((selector) => Object.values(selector).some((value) => value !== undefined), {
    error: `expected one of ${Object.keys(selectorMembers).join(', ')}`,
  });

/** The query parameters that filter and page instances. */
export interface AdminInstanceQuery extends WireInstanceSelector, PageQuery {
  status?: AdminInstance['status'] | undefined;
}

/** The schema of {@link AdminInstanceQuery}. It refuses unknown parameters. */
export const adminInstanceQuerySchema: z.ZodType<AdminInstanceQuery> = z.strictObject({
  ...selectorMembers,
  status: z.enum(instanceStatuses).optional(),
  ...pageQueryMembers,
});

/** How many instances a change concerned. */
export interface ChangedInstances {
  changed: number;
}

/** The schema of {@link ChangedInstances}. */
export const changedInstancesSchema: z.ZodType<ChangedInstances> = z.object({
  changed: z.int().nonnegative().meta({ description: 'How many instances changed.' }),
});

/**
 * Converts a selector to the one of the store.
 *
 * @example
 * ```ts
 * import { toInstanceSelector } from 'agent-identity-authority-core/admin-wire';
 *
 * const { userId } = toInstanceSelector({ user_id: 'user-1' }); // 'user-1'
 * ```
 */
export function toInstanceSelector(selector: WireInstanceSelector): RuntimeAgentInstanceSelector {
  return {
    agentHostId: selector.agent_host_id,
    installationId: selector.installation_id,
    userId: selector.user_id,
    accountId: selector.account_id,
    organizationId: selector.organization_id,
  };
}

/**
 * Converts a stored instance to a response.
 *
 * @param unusedSince An instance that was not seen after this time counts as expired.
 * @example
 * ```ts
 * import type { StoredRuntimeAgentInstance } from 'agent-identity-authority-core';
 * import { toAdminInstance } from 'agent-identity-authority-core/admin-wire';
 *
 * declare const instance: StoredRuntimeAgentInstance;
 * const { status } = toAdminInstance(instance, Date.now() - 2_592_000_000);
 * ```
 */
export function toAdminInstance(
  instance: StoredRuntimeAgentInstance,
  unusedSince: EpochMilliseconds,
): AdminInstance {
  return {
    runtime_agent_instance_id: instance.runtimeAgentInstanceId,
    agent_host_id: instance.agentHostId,
    installation_id: instance.installationId,
    public_key: instance.publicKeySsh,
    actor: toDirectoryActor(instance.actor),
    credential_type: instance.credentialType,
    harness: instance.harness,
    harness_version: instance.harnessVersion,
    role: instance.role,
    status: instanceStatus(instance, unusedSince),
    created_at: toInstant(instance.createdAt),
    last_seen_at: toInstant(instance.lastSeenAt),
    suspended_at: toInstant(instance.suspendedAt),
    revoked_at: toInstant(instance.revokedAt),
  };
}
