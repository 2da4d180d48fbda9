import { type AgentBillOfMaterials, agentBillOfMaterialsSchema } from 'agent-identity-core/wire';
import * as z from 'zod';
import type { AgentAccount } from '../authentication/agent-account.js';
import { instantSchema, toInstant } from '../instant.js';
import type { IssueAgentIdentityJwtOptions } from './issue-agent-identity-jwt.js';
import type { IssuedAgentIdentityJwt } from './issued-agent-identity-jwt.js';

/** The account of an agent; see `AgentAccount`. */
export interface AccountMembers {
  account_id: string;
  chatgpt_user_id: string;
  email?: string | null | undefined;
  plan_type: string;
  is_fedramp: boolean;
}

/** What the agent is called; see `AgentDescription`. */
export interface DescriptionMembers {
  name?: string | undefined;
  owner?: string | undefined;
  labels?: Record<string, string> | undefined;
}

/** The account, the lifetime and the properties of a new identity; see `IssueAgentIdentityJwtOptions`. */
export interface IssueAgentIdentityRequest extends DescriptionMembers {
  account: AccountMembers;
  lifetime_seconds?: number | undefined;
  runtime_ttl_seconds?: number | undefined;
  abom?: AgentBillOfMaterials | undefined;
  capabilities?: string[] | undefined;
}

const nameSchema = z
  .string()
  .max(512)
  .regex(/\S/, 'expected text that is not blank')
  .meta({ description: 'Not blank.' });

const accountIdSchema = z
  .string()
  .max(512)
  .regex(/^[\x21-\x7e]+$/, 'expected visible ASCII characters without spaces')
  .meta({ description: 'Visible ASCII characters without spaces, because agents send it in a header.' });

const capabilitySchema = z
  .string()
  .regex(/^[!#-[\]-~]{1,512}$/, 'expected a capability such as repository:read')
  .meta({
    description: 'Up to 512 visible ASCII characters without spaces, quotation marks and backslashes.',
  });

export const capabilitiesSchema: z.ZodArray<z.ZodString> = z.array(capabilitySchema).max(64);

export const accountSchema: z.ZodType<AccountMembers> = z.strictObject({
  account_id: accountIdSchema,
  chatgpt_user_id: nameSchema,
  email: z.string().max(512).nullish(),
  plan_type: nameSchema,
  is_fedramp: z.boolean(),
});

const descriptionSchema = z.string().max(255).regex(/\S/, 'expected text that is not blank');

export const descriptionMembers: z.ZodRawShape & {
  [Name in keyof DescriptionMembers]-?: z.ZodType<DescriptionMembers[Name]>;
} = {
  name: descriptionSchema.optional().meta({ description: 'For people; not unique.' }),
  owner: descriptionSchema.optional().meta({ description: 'Whom to ask about the agent.' }),
  labels: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'At most 32, to select agents by.' }),
};

export function toAccount(
  account: AccountMembers,
  { name, owner, labels }: DescriptionMembers = {},
): AgentAccount {
  const isDescribed = name !== undefined || owner !== undefined || labels !== undefined;
  return {
    accountId: account.account_id,
    chatgptUserId: account.chatgpt_user_id,
    email: account.email ?? undefined,
    planType: account.plan_type,
    isFedramp: account.is_fedramp,
    ...(isDescribed && { agent: { name, owner, labels } }),
  };
}

/** The schema of {@link IssueAgentIdentityRequest}. It refuses unknown members. */
export const issueAgentIdentityRequestSchema: z.ZodType<IssueAgentIdentityRequest> = z.strictObject({
  account: accountSchema,
  lifetime_seconds: z.int().positive().optional().meta({
    description: 'The lifetime of the JWT; at most, and by default, the longest that the authority allows.',
  }),
  runtime_ttl_seconds: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'How long the runtime may act; forever by default.' }),
  abom: z.optional(agentBillOfMaterialsSchema),
  capabilities: capabilitiesSchema
    .optional()
    .meta({ description: 'What the agent may do. Default: nothing.' }),
  ...descriptionMembers,
});

/** A new identity. */
export interface IssueAgentIdentityResponse {
  agent_runtime_id: string;
  /** **Secret**: it carries the private key, and exists nowhere else. */
  jwt: string;
  expires_at: string;
}

/** The schema of {@link IssueAgentIdentityResponse}. */
export const issueAgentIdentityResponseSchema: z.ZodType<IssueAgentIdentityResponse> = z.object({
  agent_runtime_id: z.string(),
  jwt: z
    .string()
    .meta({ description: 'Secret: it carries the private key of the agent, and exists nowhere else.' }),
  expires_at: instantSchema,
});

/**
 * Converts a request to the options of `Authority.issueAgentIdentityJwt`.
 *
 * @example
 * ```ts
 * import { issueAgentIdentityRequestSchema, toIssueOptions } from 'agent-identity-authority-core/admin-wire';
 *
 * declare const body: unknown;
 * const options = toIssueOptions(issueAgentIdentityRequestSchema.parse(body));
 * ```
 */
export function toIssueOptions({
  account,
  ...request
}: IssueAgentIdentityRequest): IssueAgentIdentityJwtOptions {
  return {
    account: toAccount(account, request),
    lifetimeSeconds: request.lifetime_seconds,
    runtimeTtlSeconds: request.runtime_ttl_seconds,
    abom: request.abom,
    capabilities: request.capabilities,
  };
}

/**
 * Converts an issued identity to a response. **The response is secret**: it contains the JWT.
 *
 * @example
 * ```ts
 * import type { Authority } from 'agent-identity-authority-core';
 * import { toIssueResponse } from 'agent-identity-authority-core/admin-wire';
 *
 * declare const authority: Authority;
 * const account = { accountId: 'account-1', chatgptUserId: 'user-1', planType: 'business', isFedramp: false };
 * const response = toIssueResponse(await authority.issueAgentIdentityJwt({ account }));
 * ```
 */
export function toIssueResponse(issued: IssuedAgentIdentityJwt): IssueAgentIdentityResponse {
  return {
    agent_runtime_id: issued.agentRuntimeId,
    jwt: issued.jwt,
    expires_at: toInstant(issued.expiresAt),
  };
}
